import { ascii } from '../bytes';
import { cases, type HostileCase, type Outcome } from './case';

/** Returns an SVG of 80 × 60 pixels with the given content. */
export function drawing(content: string, start = ''): Buffer {
  return ascii(
    `${start}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xi="http://www.w3.org/2001/XInclude" width="80" height="60">${content}</svg>`,
  );
}

const sized = (attributes: string): Buffer =>
  ascii(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><rect width="9" height="9" fill="red"/></svg>`);

/** Nine entities, each of which expands to ten copies of the previous one. */
const laughs = ((): string => {
  const entities = Array.from({ length: 9 }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`);
  return `<!DOCTYPE svg [<!ENTITY e0 "ha">${entities.join('')}]>`;
})();

/** Groups, each of which uses the previous group twice. The last group draws a billion shapes. */
const doubled = ((): string => {
  const groups = Array.from(
    { length: 30 },
    (_, index) => `<g id="g${index + 1}"><use xlink:href="#g${index}"/><use xlink:href="#g${index}"/></g>`,
  );
  return `<defs><rect id="g0" width="1" height="1"/>${groups.join('')}</defs><use xlink:href="#g30"/>`;
})();

const bomb = (filter: string): Buffer =>
  ascii(
    `<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="4000"><filter id="f" x="0" y="0" width="1" height="1">${filter}</filter><rect width="4000" height="4000" filter="url(#f)"/></svg>`,
  );

const SLOW: readonly Outcome[] = ['rendered', 'timeout', 'corrupt'];

/** Harmful SVG files, tested with `allowSvg`. The file ../outside.test.ts tests references to external resources. */
export const svgCases: readonly HostileCase[] = cases({
  scripts: [
    () => [
      drawing('<script>while(true){}</script><rect width="9" height="9" onload="alert(1)"/>'),
      drawing('<a xlink:href="javascript:alert(1)"><rect width="9" height="9"/></a>'),
      drawing(
        '<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></body></foreignObject>',
      ),
    ],
    'rendered',
  ],
  'entities that expand to a billion copies': [
    () => drawing('<text y="20">&e9;</text>', laughs),
    'corrupt',
    'rendered',
  ],
  'recursive entities': [
    () => drawing('<text>&a;</text>', '<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'),
    'corrupt',
    'rendered',
  ],
  'a canvas of 100,000 × 100,000': [
    () => [sized('width="100000" height="100000"'), sized('width="1e9" height="1e9"'), sized('viewBox="0 0 1e6 1e6"')],
    'too-many-pixels',
    'corrupt',
    'rendered',
  ],
  'a canvas of size zero, of negative size, and of an invalid size': [
    () => [
      sized('width="0" height="0"'),
      sized('width="-5" height="-5"'),
      sized('width="NaN" height="inf"'),
      sized('width="1e-9" height="1e-9"'),
    ],
    'corrupt',
    'rendered',
    'too-many-pixels',
  ],
  'images with a short side': [
    () => [sized('width="60000" height="1"'), sized('width="1" height="60000"')],
    'rendered',
    'corrupt',
  ],
  'a filter over a large image': [
    () => [bomb('<feGaussianBlur stdDeviation="500"/>'), bomb('<feMorphology operator="dilate" radius="900"/>')],
    ...SLOW,
  ],
  'hundreds of filters': [
    () =>
      bomb(
        '<feTurbulence baseFrequency="0.9" numOctaves="9"/><feConvolveMatrix order="9" kernelMatrix="' +
          '1 '.repeat(81) +
          '"/>'.repeat(1),
      ),
    ...SLOW,
  ],
  'groups that use another group twice': [() => drawing(doubled), ...SLOW],
  'recursive uses, patterns and masks': [
    () => [
      drawing('<g id="a"><use xlink:href="#a"/></g>'),
      drawing(
        '<pattern id="p" width="9" height="9"><rect width="9" height="9" fill="url(#p)"/></pattern><rect width="80" height="60" fill="url(#p)"/>',
      ),
      drawing(
        '<mask id="m"><rect width="9" height="9" mask="url(#m)"/></mask><rect width="80" height="60" mask="url(#m)"/>',
      ),
    ],
    'rendered',
    'corrupt',
  ],
  'groups nested 30,000 levels deep': [
    () => drawing('<g>'.repeat(30_000) + '</g>'.repeat(30_000)),
    'corrupt',
    'rendered',
  ],
  'a dashed path of 20,000 points': [
    () => drawing(`<path d="M0 0${' L9 9 L0 5'.repeat(10_000)}" stroke="red" stroke-dasharray=".01"/>`),
    ...SLOW,
  ],
  'a long text': [() => drawing(`<text y="20" font-size="9">${'a '.repeat(10_000)}</text>`), ...SLOW],
  'a file above the maximum SVG size': [() => drawing(`<text>${'a '.repeat(200_000)}</text>`), 'file-too-large'],
  'cut off': [
    () => [200, 100, 60].map((length) => drawing('<rect width="9" height="9"/>'.repeat(9)).subarray(0, length)),
    'corrupt',
    'truncated',
    'unsupported-format',
  ],
}).map((hostile) => ({ ...hostile, allowSvg: true, endless: hostile.expected.includes('timeout') }));
