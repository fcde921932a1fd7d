"""Leasing: leads, visits, quotes, leases with typed clauses (rent, rises, free periods, fees), lettings and vacancy."""
