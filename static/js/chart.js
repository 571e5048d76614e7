// Draws the charts of a page with uPlot, in the theme's colours, and again when those change.
(() => {
  "use strict";

  const HEIGHT = 200;
  const drawn = new Map();

  // A custom property that holds light-dark() has no colour until an element uses it.
  const colour = (place, name) => {
    const probe = place.appendChild(document.createElement("i"));
    probe.className = `chart__${name}`;
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };

  // A line is told from the others without its colour, on the plot and beside its name.
  const style = (line) => {
    if (line?.dashed) return { name: "dashed", dash: [5, 4] };
    return line?.dotted ? { name: "dotted", dash: [2, 3] } : { name: "solid" };
  };

  const options = (place, data) => {
    const axis = {
      stroke: colour(place, "ink"),
      font: `12px ${getComputedStyle(place).fontFamily}`,
      grid: { stroke: colour(place, "rule"), width: 1 },
      ticks: { show: false },
      size: 40,
    };
    // A step, a round and an evaluation are whole; a point at the very edge is half a point.
    const whole = data.places.every(Number.isInteger) && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };
    // Places that are only a rank say what stands there, as many as there is room for.
    const named = data.labels.length > 0 && {
      space: 96,
      values: (plot, splits) => splits.map((place) => data.labels[place] ?? ""),
    };
    const roomy = (plot, low, high) => [low - (high - low) / 25, high + (high - low) / 25];
    const number = (plot, value) => (value === null ? "—" : value.toFixed(data.decimals));
    return {
      width: place.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false, ...(data.sparse && { range: roomy }) }, ...(data.share && { y: { range: [0, 100] } }) },
      axes: [{ ...axis, size: 28, grid: { show: false }, ...whole, ...named }, axis],
      padding: named ? [null, 64, null, null] : undefined,
      cursor: { y: false, drag: { x: false, y: false } },
      legend: { live: true, markers: { dash: (plot, at) => style(data.series[at - 1]).name } },
      series: [
        { label: data.over, ...(named && { value: (plot, place) => data.labels[place] ?? "—" }) },
        ...data.series.map((line) => ({
          label: line.name,
          stroke: colour(place, line.colour),
          width: 2,
          dash: style(line).dash,
          spanGaps: data.sparse,
          points: { show: data.sparse || data.places.length < 30, size: 5 },
          value: number,
        })),
      ],
    };
  };

  const draw = (place) => {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    drawn.get(place)?.destroy();
    const values = [data.places, ...data.series.map((line) => line.values)];
    drawn.set(place, new uPlot(options(place, data), values, place));
  };
  const drawAll = () => {
    for (const [place, plot] of drawn) {
      if (place.isConnected) continue;
      plot.destroy(); // a swap took its place away
      drawn.delete(place);
    }
    document.querySelectorAll("[data-chart]").forEach(draw);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const resized = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        const plot = drawn.get(target);
        if (plot && contentRect.width && Math.abs(plot.width - contentRect.width) > 1) {
          plot.setSize({ width: contentRect.width, height: HEIGHT });
        }
      }
    });
    const drawAndWatch = () => {
      drawAll();
      resized.disconnect();
      document.querySelectorAll("[data-chart]").forEach((place) => resized.observe(place));
    };
    drawAndWatch();
    document.addEventListener("htmx:afterSettle", drawAndWatch);
    new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  });
})();
