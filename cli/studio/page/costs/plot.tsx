import type { VNode } from 'preact';

/** A line of a {@link Plot}. */
export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
}

/** Point of a line. `low` and `high` are the bounds of the value `y`. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

/** Properties of {@link Plot}. */
export interface PlotProps {
  /** Description for screen readers. */
  readonly title: string;
  readonly series: readonly Series[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** Whether both axes are logarithmic. @default false */
  readonly isLogarithmic?: boolean;
  /** Position of a vertical line on the x-axis. @default - no line */
  readonly marker?: number;
}

const [WIDTH, HEIGHT] = [640, 320];
const MARGIN = { left: 64, right: 16, top: 12, bottom: 44 } as const;
const MAX_TICKS = 6;

interface Axis {
  readonly ticks: readonly number[];
  /** Returns the position of a value on the axis, from 0 to 1. */
  readonly place: (value: number) => number;
}

/** Line chart as an SVG element. An area around each line shows the bounds of the values. */
export function Plot(props: PlotProps): VNode {
  const { title, series, xLabel, yLabel, formatX, formatY, isLogarithmic = false, marker } = props;
  const points = series.flatMap((line) => line.points);
  const axisOf = isLogarithmic ? logarithmicAxis : linearAxis;
  const xAxis = axisOf(points.map(({ x }) => x));
  const yAxis = axisOf(points.flatMap(({ y, low = y, high = y }) => [low, high]));
  const x = (value: number): number => MARGIN.left + xAxis.place(value) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    HEIGHT - MARGIN.bottom - yAxis.place(value) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = (list: readonly (readonly [number, number])[]): string =>
    list.map(([left, top], index) => `${index === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`).join('');
  return (
    <figure class="plot-figure">
      <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        {yAxis.ticks.map((tick) => (
          <g key={`y${tick}`}>
            <line class="grid" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(tick)} y2={y(tick)} />
            <text x={MARGIN.left - 8} y={y(tick) + 4} text-anchor="end">
              {formatY(tick)}
            </text>
          </g>
        ))}
        {xAxis.ticks.map((tick) => (
          <text key={`x${tick}`} x={x(tick)} y={HEIGHT - MARGIN.bottom + 18} text-anchor="middle">
            {formatX(tick)}
          </text>
        ))}
        <text x={(MARGIN.left + WIDTH) / 2} y={HEIGHT - 6} text-anchor="middle">
          {xLabel}
        </text>
        <text x={-HEIGHT / 2 + 16} y={12} transform="rotate(-90)" text-anchor="middle">
          {yLabel}
        </text>
        {marker !== undefined && xAxis.place(marker) >= 0 && xAxis.place(marker) <= 1 && (
          <line class="here" x1={x(marker)} x2={x(marker)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
        )}
        {series.map(({ label, points: list }, index) => (
          <g key={label} class={`series-${index}`}>
            {list.some(({ low }) => low !== undefined) && (
              <path
                class="band"
                d={path([
                  ...list.map((point) => [x(point.x), y(point.high ?? point.y)] as const),
                  ...list.toReversed().map((point) => [x(point.x), y(point.low ?? point.y)] as const),
                ])}
              />
            )}
            <path d={path(list.map((point) => [x(point.x), y(point.y)] as const))} />
          </g>
        ))}
      </svg>
      <figcaption class="legend">
        {series.map(({ label }, index) => (
          <span key={label} class={`series-${index}`}>
            {label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** Returns an axis from 0, with steps of 1, 2 or 5 times a power of ten. */
function linearAxis(values: readonly number[]): Axis {
  const max = Math.max(...values, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(max / MAX_TICKS));
  const step = power * ([1, 2, 5, 10].find((factor) => max / (factor * power) <= MAX_TICKS) ?? 10);
  const end = Math.ceil(max / step) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { ticks, place: (value) => value / end };
}

/** Returns a logarithmic axis that starts and ends at a power of ten. */
function logarithmicAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0);
  const first = Math.floor(Math.log10(Math.min(...positive)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return { ticks, place: (value) => (Math.log10(Math.max(value, 10 ** first)) - first) / (last - first) };
}
