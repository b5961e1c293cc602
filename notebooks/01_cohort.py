# %% [markdown]
# # Who came in, and who was seen again?
#
# **Question.** Before any comparison: how many people came in, how many were seen at each wave, and who was
# lost?
#
# **Data.** First a *synthetic* cohort: made-up persons, made to resemble what is printed about a Norwegian
# treatment cohort; nothing found in it is evidence. Then *real* people: HELP, adults in detoxification in
# Boston, not in maintenance treatment and not in Norway.
#
# **Time.** About five minutes to read; it runs in a few seconds.

# %%
import larstudy as ls

# %% [markdown]
# ## Made-up persons
#
# Everything made from a synthetic cohort carries its stamp, in sentences, tables and figures.

# %%
synthetic = ls.load_synthetic()
print(synthetic)

# %%
synthetic.table()

# %%
figure = synthetic.plot()

# %% [markdown]
# How far does the cohort resemble what is printed? Some printed figures it was built to meet, which proves
# nothing; others the generator never saw.

# %%
calibration = ls.calibration_report(n_cohorts=64)
print(calibration)

# %%
figure = calibration.plot()

# %% [markdown]
# ## Real people
#
# HELP has interviews at five waves. Nobody is dropped in silence: whoever lacks an answer is counted.

# %%
real = ls.load_help()
print(real)

# %%
real.table()

# %%
figure = real.plot()

# %% [markdown]
# ## Who was lost?
#
# The participant flow of one comparison, from everybody who came in to those who are used in it.

# %%
analysis = ls.analyse(real)
comparison = analysis.comparison("mental", "baseline", "month12")
flow = comparison.table("flow")
flow

# %% [markdown]
# Those lost and those seen, as they stood at the first wave. `d_rms` is the difference in standard
# deviations, and positive where the lost had more of it.

# %%
lost = analysis.to_frame("lost").query("outcome == 'mental' and to_wave == 'month12'")
lost[["term", "level", "n_lost", "n_seen", "lost_mean", "seen_mean", "d_rms", "odds_ratio"]]
