# %% [markdown]
# # Quality of life: how it is scored, and how it changed
#
# **Question.** How was quality of life at each wave, and by how much did it change among those seen twice?
#
# **Data.** A *synthetic* cohort with answers to the items of QOL10: made-up persons, never evidence. And
# *real* people in detoxification in Boston (HELP), with the mental summary of the SF-36.
#
# **Time.** About five minutes to read; it runs in a few seconds.

# %%
import larstudy as ls

# %% [markdown]
# ## From answers to a score
#
# An instrument is a file that people who do not program can read and correct. These ship with larstudy:

# %%
ls.list_instruments()

# %% [markdown]
# The scores of the synthetic cohort are made from items as they are read. What the scoring rests on, and
# what is not confirmed about it, stands under the table.

# %%
synthetic = ls.load_synthetic()
made_up = ls.outcome(synthetic, "global")
made_up.table()

# %%
figure = made_up.plot()

# %% [markdown]
# ## Change among made-up persons
#
# Change is the second wave minus the first, of those with both. The others are counted, and left out.

# %%
made_up_change = ls.change(made_up, "baseline", "year1")
print(made_up_change)

# %%
figure = made_up_change.plot()

# %% [markdown]
# ## Change among real people
#
# HELP measured people at a low point, during detoxification. Part of every gain is expected from regression
# to the mean; notebook `05_which_model_which_answer` comes back to it.

# %%
real = ls.load_help()
mental = ls.outcome(real, "mental")
mental.table()

# %%
figure = mental.plot()

# %%
change = ls.change(mental, "baseline", "month12")
print(change)

# %%
figure = change.plot()

# %% [markdown]
# ## Depressive symptoms
#
# Here a higher score is worse. larstudy keeps the scale as it is printed and says which way is better; it
# never turns a scale round.

# %%
depressive = ls.change(ls.outcome(real, "depressive_symptoms"), "baseline", "month12")
print(depressive)
