"""The way to the next star: measures that change facts, and the cheapest set of them that reaches a class.

Scores are not linear in facts, but each indicator is touched by few measures. So every indicator is scored exactly, by
the rating engine itself, for every subset of the measures that touch it; what is left is a choice among tables, which a
solver settles with proof (`solve`, mixed-integer programming by HiGHS) and an exact dynamic program settles for
thousands of parks and for the rivals of a plan (`frontier`).
"""

from parkbrain.calc.planning.catalogue import Catalogue, Measure, Override, checked_entries, load_measures
from parkbrain.calc.planning.certainty import ClassChances, chances
from parkbrain.calc.planning.city import CityPlan, Lift, Spending, lift_curve, plan_city, plan_in_processes, spend
from parkbrain.calc.planning.describe import FactMove, Plan, Step, describe_plan
from parkbrain.calc.planning.frontier import Joining, cheapest_by_joining
from parkbrain.calc.planning.plan import Blocker, Planning, Unused, Wish, find_plans
from parkbrain.calc.planning.problem import Problem, make_problem
from parkbrain.calc.planning.solve import solve_cheapest, solve_most_points
from parkbrain.calc.planning.tables import DONE, NO_COST, OFF, OPEN, Prepared, prepare

__all__ = [
    "DONE",
    "NO_COST",
    "OFF",
    "OPEN",
    "Blocker",
    "Catalogue",
    "CityPlan",
    "ClassChances",
    "FactMove",
    "Joining",
    "Lift",
    "Measure",
    "Override",
    "Plan",
    "Planning",
    "Prepared",
    "Problem",
    "Spending",
    "Step",
    "Unused",
    "Wish",
    "chances",
    "cheapest_by_joining",
    "checked_entries",
    "describe_plan",
    "find_plans",
    "lift_curve",
    "load_measures",
    "make_problem",
    "plan_city",
    "plan_in_processes",
    "prepare",
    "solve_cheapest",
    "solve_most_points",
    "spend",
]
