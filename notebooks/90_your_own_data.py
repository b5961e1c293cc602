# %% [markdown]
# # Your own data
#
# **Question.** Yours: do networks and quality of life change together among the people you studied?
#
# **Data.** As it stands, the *synthetic* cohort of the repository, read from files as yours would be:
# made-up persons, never evidence. Put the path of your own study file in its place. `larstudy init data.csv
# --out study.toml` drafts one.
#
# **Time.** About ten minutes to read; it runs in a few seconds.
#
# **Privacy.** An executed notebook keeps what it shows. Groups of few people stand in its tables: look
# before you share it, and do not put it where the data may not be.

# %%
import larstudy as ls

study = "../data/synthetic/study.toml"

# %% [markdown]
# ## Look for problems first
#
# Every problem at once, in columns, counts and row numbers, never in what a person answered.

# %%
report = ls.check(study)
print(report)

# %% [markdown]
# ## Who came in

# %%
cohort = ls.load(study)
print(cohort)

# %%
figure = cohort.plot()

# %% [markdown]
# ## Everything at once

# %%
analysis = ls.analyse(cohort)
print(analysis)

# %% [markdown]
# ## The first comparison
#
# Another outcome, another interval? `analysis.comparison("outcome", "from", "to")`.

# %%
comparison = analysis.comparisons[0]
print(comparison)

# %%
comparison.table()

# %%
figure = comparison.plot_means()

# %%
figure = comparison.plot()

# %% [markdown]
# ## How far does the answer depend on the analysis?

# %%
comparison.table("estimands")

# %% [markdown]
# ## Files for your paper
#
# `larstudy analyse study.toml --out results` writes the report, every table and every figure. A table can
# also be had from here, in Markdown, HTML, LaTeX or CSV:

# %%
print(comparison.table().to_markdown())
