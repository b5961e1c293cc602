"""How often tests reject what is true and intervals miss it, in made-up cohorts whose truth is known."""
