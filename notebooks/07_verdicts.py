# %% [markdown]
# # Which claims stand?
#
# **Question.** What do published sources, data on real people, and worlds whose truth is known say about
# each claim of the review?
#
# **Data.** Three kinds, never summed: what is *published*; *real* people in detoxification in Boston
# (HELP); and *synthetic* cohorts, which only show whether the code finds what was put in.
#
# **Time.** About ten minutes to read; it runs in a few seconds.

# %%
import larstudy as ls

# %%
verdicts = ls.verdicts(n_cohorts=64, progress=False)
print(verdicts)

# %%
figure = verdicts.plot()

# %%
verdicts.table()

# %% [markdown]
# ## Why?
#
# The claim that those who gained an abstinent network improved most, in words: over how many analyses, what
# the verdict depends on, and how often its rule would err where the claim is false.

# %%
print(verdicts.why("M04"))

# %% [markdown]
# And the claim about people who were isolated or out of contact with treatment:

# %%
print(verdicts.why("M06"))

# %% [markdown]
# ## Printed numbers held against each other
#
# Where a printed number lies outside what follows from the others, a rounding or typing error is likely;
# which number is wrong cannot be told.

# %%
checks = ls.published_checks()
checks.table()

# %% [markdown]
# ## Change in other cohorts
#
# Printed changes in quality of life, with HELP beside them. The cohorts differ in treatment, measure and
# time.

# %%
cohorts = ls.cohorts_of_change()
cohorts.table()

# %%
figure = cohorts.plot()
