/** The drawing itself; loaded with its library only where a chart is. */
import { LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { Line } from "./Chart";

echarts.use([LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export interface Drawn {
  show: (lines: Line[], across: string, log: boolean) => void;
  end: () => void;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function draw(place: HTMLElement): Drawn {
  const chart = echarts.init(place);
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(place);
  return {
    show: (lines, across, log) => {
      const label = { color: colour("--faint"), fontSize: 11 };
      const rule = { lineStyle: { color: colour("--line") } };
      chart.setOption(
        {
          animation: false,
          color: [colour("--accent"), colour("--second"), colour("--wait"), colour("--bad")],
          grid: { left: 56, right: 16, top: lines.length > 1 ? 32 : 16, bottom: 44 },
          legend: lines.length > 1 ? { top: 0, textStyle: { color: colour("--muted") } } : undefined,
          tooltip: {
            trigger: "axis",
            renderMode: "richText", // text of ours, never markup
            backgroundColor: colour("--raised"),
            borderColor: colour("--line"),
            textStyle: { color: colour("--text"), fontSize: 12 },
          },
          xAxis: { type: "value", name: across, nameLocation: "middle", nameGap: 26, nameTextStyle: label, min: "dataMin", max: "dataMax", axisLabel: label, axisLine: rule, splitLine: { show: false } },
          yAxis: { type: log ? "log" : "value", scale: true, axisLabel: label, splitLine: rule },
          series: lines.map((line) => ({
            name: line.name,
            type: "line",
            data: log ? line.points.filter(([, y]) => y > 0) : line.points,
            showSymbol: false,
            sampling: "lttb",
            lineStyle: { width: 2 },
          })),
        },
        { notMerge: true },
      );
    },
    end: () => {
      watch.disconnect();
      chart.dispose();
    },
  };
}
