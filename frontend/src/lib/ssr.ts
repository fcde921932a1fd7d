/** Draws a chart option as SVG text, for PDF; called from Python in an embedded engine. */
import { withColors } from "./colors";
import { echarts } from "./echarts";

export function renderChart(option: string, width: number, height: number, colors: string): string {
  const palette = JSON.parse(colors) as Record<string, string>;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(withColors(JSON.parse(option) as echarts.EChartsCoreOption, (name) => palette[name] ?? "#000"));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
