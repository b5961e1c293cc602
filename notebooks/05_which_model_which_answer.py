# %% [markdown]
# # Which model, which answer?
#
# **Question.** When groups differ from the start, when people come at a low point, and when many are lost:
# how far does the answer depend on the analysis?
#
# **Data.** *Real* people in detoxification in Boston (HELP), and *synthetic* cohorts of worlds whose truth
# is known. Synthetic cohorts say how methods behave. They say nothing about people.
#
# **Time.** About fifteen minutes to read; it runs in less than one.

# %%
import larstudy as ls

# %% [markdown]
# ## Lord's paradox
#
# Change scores ask who changed more. The analysis of covariance asks who ended higher, of those who started
# alike. Where groups start apart the two may disagree, and no data can say which question is the right one.

# %%
real = ls.load_help()
change = ls.change(ls.outcome(real, "mental"), "baseline", "month12")
moves = ls.classify_networks(real).transitions("baseline", "month12")
comparison = ls.compare_groups(change, moves)
estimands = comparison.to_frame("estimands")
comparison.table("estimands")

# %% [markdown]
# ## Regression to the mean
#
# People who are measured at their worst are, as a rule, better the next time, whatever happens in between.
# The column *Expected* is the part of each gain that this alone would give.

# %%
regression = comparison.to_frame("regression")
comparison.table("regression")

# %% [markdown]
# ## Worlds in which the truth is known
#
# In `null` nothing goes with anything. In `entry_gap` groups start apart and gain alike. In
# `regression_to_mean` groups were formed by a noisy baseline, and network has no part in the gain. In
# `mnar_dropout` those who fared badly are lost, and a true difference is there.
#
# Each row is an analysis, or a rule that listens to two analyses at once; each cell says in how many of the
# cohorts it says that those who gained an abstinent network gained more.

# %%
worlds = ["null", "entry_gap", "regression_to_mean", "mnar_dropout"]
worth = ls.operating_characteristics(
    ["change_score", "ancova", "two_estimands"], worlds, n_cohorts=128, progress=False
)
worth.table()

# %%
figure = worth.plot()

# %% [markdown]
# One such cohort, of the world in which network has no part in the gain. The change score and the analysis
# of covariance, on the same made-up persons:

# %%
selected = ls.load_synthetic("regression_to_mean")
selected_change = ls.change(ls.outcome(selected, "global"), "baseline", "year1")
selected_moves = ls.classify_networks(selected).transitions("baseline", "year1")
selected_comparison = ls.compare_groups(selected_change, selected_moves)
print(selected_comparison)

# %% [markdown]
# ## The lost
#
# More people were lost from HELP than were seen at this wave. Leaving them out, weighting those seen so
# that they resemble everybody who came in, and drawing what is missing from a model are ways of dealing
# with it; overlap weights make groups alike at the start instead. Each
# takes something for granted that cannot be seen in the data.

# %%
analysis = ls.analyse(real)
chosen = "outcome == 'mental' and to_wave == 'month12' and term == 'group[gained_abstinent]'"
missing = analysis.to_frame("missing").query(chosen)
missing[
    ["handling", "model", "n", "n_entered", "effective_n", "estimate", "conf_low", "conf_high", "p_value"]
]

# %% [markdown]
# ## Every defensible analysis at once
#
# Some choices change the question; others are arbitrary. The table says how far each moves the estimate.

# %%
sensitivity = ls.sensitivity(real, outcome="mental", from_wave="baseline", to_wave="month12")
print(sensitivity)

# %%
sensitivity.table("choices")

# %%
figure = sensitivity.plot()
