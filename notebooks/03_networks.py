# %% [markdown]
# # Social networks: what they were, and what became of them
#
# **Question.** How many people had an abstinent network, a drug-dominated one, or none to speak of; and how
# many gained an abstinent network over a year?
#
# **Data.** A *synthetic* cohort with the EuropASI question about free time: made-up persons, never
# evidence. And *real* people in detoxification in Boston (HELP), whose networks are told from other
# questions.
#
# **Time.** About five minutes to read; it runs in a few seconds.

# %%
import larstudy as ls

# %% [markdown]
# ## Made-up persons

# %%
synthetic = ls.load_synthetic()
made_up = ls.classify_networks(synthetic)
made_up.table()

# %%
made_up_moves = made_up.transitions("baseline", "year1")
print(made_up_moves)

# %%
figure = made_up_moves.plot()

# %% [markdown]
# ## Real people

# %%
real = ls.load_help()
networks = ls.classify_networks(real)
networks.table()

# %%
figure = networks.plot()

# %% [markdown]
# From which network to which. The rows are the first wave, the columns the second; who was not seen at both
# is in neither.

# %%
moves = networks.transitions("baseline", "month12")
moves.table()

# %%
figure = moves.plot()

# %% [markdown]
# ## Change groups
#
# *Maintained* is abstinent at both waves, *gained* at the second only. Drug-dominated and isolated are read
# at the second wave, whatever came before.

# %%
groups = moves.groups()
print(groups)

# %% [markdown]
# ## What does *isolated* mean?
#
# For HELP four rules ship. They differ in whom they call isolated, and so the same people make other
# groups.

# %%
ls.list_network_rules()

# %%
print(ls.classify_networks(real, "help").transitions("baseline", "month12"))
print(ls.classify_networks(real, "help_lived_alone").transitions("baseline", "month12"))
print(ls.classify_networks(real, "help_low_friend_support").transitions("baseline", "month12"))
print(ls.classify_networks(real, "help_few_contacts").transitions("baseline", "month12"))
