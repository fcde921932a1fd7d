"""Sources that the shipped data files name, as texts of the product: a citation is read in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

#: Every `source` of the data files in `parkbrain.schemes` that pages show; a test holds the two to each other.
SOURCES = frozenset(
    (
        gettext_noop("GB/T 2589-2020, annex A"),
        gettext_noop(
            "NDRC method for GHG accounting of industrial firms (2015 series): NCV × carbon per heat × oxidation × 44/12"
        ),
        gettext_noop("NDRC default for bought heat, 0.11 tCO2/GJ"),
        gettext_noop(
            "Ministry of Ecology and Environment with the National Bureau of Statistics, CO2 factors of electricity"
        ),
        gettext_noop("IPCC AR4, GWP100"),
        gettext_noop("IPCC AR5, GWP100"),
        gettext_noop("GB 18613-2012, three-phase asynchronous motors"),
        gettext_noop("GB 18613-2020: grade 1 = IE5, 2 = IE4, 3 = IE3; below IE3 may no longer be made or sold"),
        gettext_noop("GB 20052-2020, power transformers"),
        gettext_noop("GB 20052-2024, power transformers"),
        gettext_noop("GB 19153-2019, positive-displacement air compressors"),
        gettext_noop("GB 19577-2015, water chillers"),
        gettext_noop("GB 19577-2024, chillers and heat pumps"),
        gettext_noop("GB 24500-2020, industrial boilers"),
        gettext_noop("MIIT catalogues of obsolete electromechanical equipment, batches 1-4: Y, Y2 and YB motors"),
        gettext_noop("MIIT catalogues of obsolete electromechanical equipment, batches 1-4: S7 transformers"),
        gettext_noop("MIIT catalogues of obsolete electromechanical equipment, batches 1-4: S8 and S9 transformers"),
        gettext_noop("TSG T7001-2023, inspection of lifts"),
        gettext_noop("TSG 81-2022, motor vehicles in works"),
        gettext_noop("TSG 51-2023, lifting machinery; construction hoists yearly"),
        gettext_noop("TSG 11, boilers: outside yearly, inside every two years"),
        gettext_noop("TSG 21, yearly check of pressure vessels; the full inspection falls by its own grade"),
        gettext_noop(
            "Huangyan District, Taizhou, Zhejiang: comprehensive evaluation of industrial firms, divisors of the 2022 figures"
        ),
        gettext_noop("An Anhui city's split: A first 25 %, B 26-70 %, C 71-95 %, D last 5 %"),
        gettext_noop("An Anhui city: utilities, start-ups and projects being built are not graded and treated as B"),
        gettext_noop("Usual in county schemes: direct D for safety, environment, dishonesty"),
        gettext_noop("Usual in county schemes: a single item counts 0 to 1.5 times its weight"),
        gettext_noop(
            "Huangyan District, Taizhou, Zhejiang: comprehensive evaluation of industrial firms, divisors a year earlier"
        ),
        gettext_noop(
            "An Anhui city's weights (above scale 45/20/15/15/5, below scale tax alone) with Jingde County's normalization"
        ),
        gettext_noop("GB 17167-2006, table 1 (rates), tables 2–3 (thresholds), table 4 (accuracy)"),
        gettext_noop("GB 17167-2025, issued 2025-01-24"),
    )
)


def cited(text: str) -> str:
    """Return a source in the active language; what somebody typed stays as it is."""
    return _(text) if text in SOURCES else text
