# %% [markdown]
# # The review as a table
#
# **Question.** Which works does the review rest on, what do they say, and how were they read?
#
# **Data.** *Published* works, as the review and larstudy's own reading of them describe them. No data on
# persons, real or synthetic, are used here.
#
# **Time.** About five minutes to read; it runs in a few seconds.

# %%
import larstudy as ls

# %% [markdown]
# ## The works
#
# How much of a work could be read stands in the last column: what only an abstract tells is told as that.

# %%
review = ls.review_table()
print(review)

# %%
review.table()

# %%
figure = review.plot()

# %% [markdown]
# The same table in Norwegian (Bokmål), with fewer columns:

# %%
norwegian = ls.review_table(lang="nb", columns=("work", "design", "sample", "findings"))
norwegian.table()

# %% [markdown]
# ## What the review states
#
# Every statement is a claim with its source and page, and with what it rests on.

# %%
claims = ls.claims()
print(claims)

# %%
figure = claims.plot()

# %% [markdown]
# What a reader of the review should know instead, where it says something else than its sources:

# %%
flags = claims.table("flags")
flags

# %% [markdown]
# ## References

# %%
print(review.to_bibtex())
