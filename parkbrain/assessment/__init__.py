"""Assessment: facts (computed, declared, verified), rating schemes, ratings with provenance, reports.

Method after OECD/JRC, Handbook on Constructing Composite Indicators (2008); the rating engine is `parkbrain.calc.rating`.
"""
