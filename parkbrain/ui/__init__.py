"""Ui: the component kit. Presentation only: no queries, no words of any module.

Python: `htmx.page` renders a page or the part htmx asked for; `table` prepares lists; `chart` builds chart options;
`section` lays out a building's section, `siteplan` a site or a storey from above; `spans` periods over time; `asof` reads
the day a page shows; `formats` writes numbers and dates; `charts_ssr` draws a chart as SVG for PDF; `kit` holds the sample
data of the page at `/ui/`, where every component stands.

Components (`templates/cotton/`), as HTML:

- `<c-badge tone="ok|warn|bad|info|accent">text</c-badge>`
- `<c-icon name="star" />`
- `<c-panel title="…" :flush="True">body <c-slot name="actions">links</c-slot></c-panel>`
- `<c-stat label="…" value="…" unit="…" hint="…" href="…" />` inside `<div class="stats">`
- `<c-stars :proven="3" :reachable="5" size="large" />`
- `<c-unknown reason="…" />` for what is not known
- `<c-bar :proven="72.5" :reachable="88" label="…" />` a score bar of 0–100 with the reachable part hatched
- `<c-spark :view="spark" label="…" />` with `formats.spark`
- `<c-chart :view="chart_view" size="small|tall" />` with `chart.ChartView`; writes the table twin itself
- `<c-section :view="section_view" />` with `section.layout`
- `<c-plan :view="plan_view" />` with `siteplan.layout`: a site or a storey from above
- `<c-table :view="table_view" />` with `table.build`; `<c-region label="…">` around a hand-written table
- `<c-field :field="form.name" />`, `<c-form-errors :form="form" />`
- `<c-empty title="…">what to do</c-empty>`
- `<c-pick-list :field="form.parks" empty="…" />` a long field of check boxes, narrowed by typing
- `<c-pages :view="rows" />` below a hand-written table, with `paging.paged`
- `<c-tabs :items="tabs" />` with items of label, url, active
- `<c-timeline :items="events" />` with items of at, text, actor
- `<c-asof :on="day" />` the day a page shows (`asof.day_of`); links keep it by `{% url_on name pk %}` and `{% dated url %}`
- `<c-spans :view="spans_view" />` periods as bars over time with `spans.layout`
- `<c-progress :percent="40" label="…" />`
"""
