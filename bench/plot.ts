import type { Plot } from './report';

const WIDTH = 720;
const BAR = 22;
const GAP = 8;
const LABELS = 230;
const VALUES = 90;
/** Colour of this project's results, readable on light and dark backgrounds. */
const OURS = '#d55e00';
/** Colours of the other results, which people with colour blindness can distinguish. */
const OTHERS = ['#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6bb1', '#8c564b'];
const TEXT = '#777777';

/** Draws a plot as SVG. */
export function svgOf(plot: Plot): string {
  const { body, height } = plot.lines ? linesOf(plot, plot.lines) : barsOf(plot);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="sans-serif" font-size="13" fill="${TEXT}">`,
    `<title>${escape(plot.title)}</title>`,
    text(0, 18, `${plot.title} (${plot.unit})`, 'font-size="15" font-weight="bold"'),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

interface Drawing {
  readonly body: string[];
  readonly height: number;
}

function barsOf({ bars = [] }: Plot): Drawing {
  const most = Math.max(...bars.map(({ value }) => value));
  const body = bars.flatMap(({ label, value, ours }, index) => {
    const y = 34 + index * (BAR + GAP);
    const width = Math.max(1, (value / most) * (WIDTH - LABELS - VALUES));
    const middle = y + BAR / 2 + 5;
    return [
      text(LABELS - 8, middle, label, 'text-anchor="end"'),
      `<rect x="${LABELS}" y="${y}" width="${round(width)}" height="${BAR}" fill="${ours ? OURS : OTHERS[0]}"/>`,
      text(LABELS + width + 6, middle, figure(value)),
    ];
  });
  return { body, height: 34 + bars.length * (BAR + GAP) };
}

function linesOf(
  { unit }: Plot,
  { axis, at, ticks = at, logarithmic = false, series }: NonNullable<Plot['lines']>,
): Drawing {
  const [left, right, top, bottom] = [60, WIDTH - 170, 40, 300];
  const [first = 0, last = 1] = [at[0], at.at(-1)];
  // Wide ranges use a logarithmic axis.
  const scale = first > 0 && last / first >= 100 ? Math.log : (value: number): number => value;
  const x = (value: number): number =>
    round(left + ((scale(value) - scale(first)) / (scale(last) - scale(first))) * (right - left));
  const most = Math.max(...series.flatMap(({ values }) => values));
  const least = Math.min(...series.flatMap(({ values }) => values));
  // The logarithmic axis starts and ends at a power of ten.
  const [floor, ceiling] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const share = (value: number): number =>
    logarithmic ? (Math.log10(value) - floor) / (ceiling - floor) : value / most;
  const y = (value: number): number => round(bottom - share(value) * (bottom - top));
  const levels = logarithmic
    ? Array.from({ length: ceiling - floor + 1 }, (_, index) => 10 ** (floor + index))
    : [0, 0.5 * most, most];
  const colours = [...OTHERS];
  const body = [
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${TEXT}"/>`,
    ...ticks.map((value) => text(x(value), bottom + 18, figure(value), 'text-anchor="middle"')),
    text((left + right) / 2, bottom + 38, axis, 'text-anchor="middle"'),
    ...levels.map((level) => text(left - 6, y(level) + 4, figure(level), 'text-anchor="end"')),
    ...series.flatMap(({ label, values, ours }) => {
      const colour = ours ? OURS : colours.shift()!;
      const points = values.map((value, index) => `${x(at[index]!)},${y(value)}`);
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"><title>${escape(label)} (${unit})</title></polyline>`,
        ...points.map(
          (point) => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${colour}"/>`,
        ),
      ];
    }),
  ];
  colours.splice(0, colours.length, ...OTHERS);
  series.forEach(({ label, ours }, index) => {
    const line = top + index * 20;
    const colour = ours ? OURS : colours.shift()!;
    body.push(
      `<rect x="${right + 16}" y="${line - 10}" width="12" height="12" fill="${colour}"/>`,
      text(right + 34, line, label),
    );
  });
  return { body, height: bottom + 50 };
}

function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escape(words)}</text>`;
}

function figure(value: number): string {
  if (value >= 100) {
    return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
  }
  return String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
