import { KEY, type Scenario } from './exploration';
import type { ApiCall, Source } from './simulation';

const v1: Source = { body: 'v1' };
const v2: Source = { body: 'v2' };
const bad: Source = { body: 'bad' };
const moved: Source = { body: 'v1', focalPoint: '0.1,0.9' };
const gone = undefined;
const big: Source = { body: 'big v1' };
const big2: Source = { body: 'big v2' };

const explicit: Source = { body: 'explicit' };
const disputed: Source = { body: 'disputed' };
const flaky: Source = { body: 'flaky' };

const render: ApiCall = { operation: 'render', key: KEY };
const remove: ApiCall = { operation: 'delete', key: KEY };
const upload: ApiCall = { operation: 'upload', key: KEY, source: v2 };

/** Workers and changes of the source. */
export const WORKER_SCENARIOS: readonly Scenario[] = [
  { name: 'a new source is replaced', before: v1, made: false, changes: [v2], interruptions: 2 },
  { name: 'a rendered source is replaced', before: v1, made: true, changes: [v2], interruptions: 2 },
  { name: 'a new source gets a focal point', before: v1, made: false, changes: [moved], interruptions: 2 },
  { name: 'a new source is removed', before: v1, made: false, changes: [gone], interruptions: 2 },
  { name: 'a rendered source is removed', before: v1, made: true, changes: [gone], interruptions: 2 },
  { name: 'a removed source is added again', before: gone, made: false, changes: [v2], interruptions: 2 },
  {
    name: 'a rendered source is removed and added again',
    before: v1,
    made: true,
    changes: [gone, v1],
    interruptions: 2,
  },
  {
    name: 'a rendered source is removed and another source is added',
    before: v1,
    made: true,
    changes: [gone, v2],
    interruptions: 2,
  },
  { name: 'a source is added and removed', before: gone, made: false, changes: [v1, gone], interruptions: 2 },
  { name: 'a source is replaced and restored', before: v1, made: false, changes: [v2, v1], interruptions: 2 },
  { name: 'a rendered source is replaced and restored', before: v1, made: true, changes: [v2, v1], interruptions: 2 },
  { name: 'a new source is damaged', before: v1, made: false, changes: [bad], interruptions: 3 },
  { name: 'a damaged source is repaired', before: bad, made: true, changes: [v1], interruptions: 3 },
  { name: 'a damaged source is repaired and removed', before: bad, made: true, changes: [v1, gone], interruptions: 2 },
];

/**
 * API calls that run concurrently with workers and source changes. Each task can end early at each step.
 *
 * With three interruptions, a call can write late: after the change of the source and the work of the worker, and before the call
 * ends early.
 */
export const API_SCENARIOS: readonly Scenario[] = [
  {
    name: 'an old source without a thumbnail set is rendered on demand and removed',
    before: v1,
    made: false,
    hint: false,
    changes: [gone],
    apiCalls: [render],
    interruptions: 3,
  },
  {
    name: 'an old source without a thumbnail set is rendered on demand and replaced',
    before: v1,
    made: false,
    hint: false,
    changes: [v2],
    apiCalls: [render],
    interruptions: 3,
  },
  {
    name: 'a new source is rendered by a worker and on demand',
    before: v1,
    made: false,
    changes: [],
    apiCalls: [render],
    interruptions: 3,
  },
  {
    name: 'a source is rendered by a worker and on demand, and removed',
    before: v1,
    made: false,
    changes: [gone],
    apiCalls: [render],
    interruptions: 3,
  },
  {
    name: 'a source is rendered on demand by two processes and damaged',
    before: v1,
    made: false,
    hint: false,
    changes: [bad],
    apiCalls: [render, render],
    interruptions: 2,
  },
  {
    name: 'a rendered source is deleted by a call while another call renders it',
    before: v1,
    made: true,
    hint: false,
    changes: [],
    apiCalls: [remove, render],
    interruptions: 3,
  },
  {
    name: 'a new source is deleted by a call while another call renders it',
    before: v1,
    made: false,
    hint: false,
    changes: [],
    apiCalls: [render, remove],
    interruptions: 3,
  },
  {
    name: 'a source is uploaded while a call renders the old source',
    before: v1,
    made: false,
    hint: false,
    changes: [],
    apiCalls: [render, upload],
    interruptions: 3,
  },
  {
    name: 'a source is uploaded, deleted and rendered at once',
    before: v1,
    made: true,
    hint: false,
    changes: [],
    apiCalls: [upload, remove, render],
    interruptions: 2,
  },
];

/**
 * Sources that workers and API calls forward to larger workers. Each task can end early, even after the task has sent a
 * message.
 */
export const FORWARDING_SCENARIOS: readonly Scenario[] = (
  [
    { name: 'a large source appears', before: gone, made: false, changes: [big], interruptions: 2 },
    { name: 'a new large source is replaced by another', before: big, made: false, changes: [big2], interruptions: 2 },
    {
      name: 'a new large source is replaced by a small source',
      before: big,
      made: false,
      changes: [v1],
      interruptions: 2,
    },
    {
      name: 'a rendered source is replaced by a large source',
      before: v1,
      made: true,
      changes: [big],
      interruptions: 2,
    },
    { name: 'a new large source is removed', before: big, made: false, changes: [gone], interruptions: 2 },
    { name: 'a rendered large source is removed', before: big, made: true, changes: [gone], interruptions: 2 },
    { name: 'a new small source is replaced', before: v1, made: false, changes: [v2], interruptions: 2 },
    {
      name: 'a large source is rendered on demand and replaced',
      before: big,
      made: false,
      hint: false,
      changes: [big2],
      apiCalls: [render],
      interruptions: 2,
    },
  ] satisfies Scenario[]
).map((scenario) => ({ ...scenario, forwards: true }));

/**
 * Sources that are analysed. Each task can end early, even during an analysis, or after the task has sent a copy of a
 * message. Two analyses of a disputed source have different results.
 */
export const ANALYSIS_SCENARIOS: readonly Scenario[] = (
  [
    { name: 'a rendered source is replaced by a moderated one', before: v1, made: true, changes: [explicit] },
    { name: 'a new source is replaced by a moderated one', before: v1, made: false, changes: [explicit] },
    { name: 'a moderated source is replaced', before: explicit, made: true, changes: [v2] },
    { name: 'a new moderated source is removed', before: explicit, made: false, changes: [gone] },
    { name: 'the analysis of a new source fails twice', before: flaky, made: false, changes: [] },
    {
      name: 'the analysis of a new source fails, and the source is replaced',
      before: flaky,
      made: false,
      changes: [v2],
    },
    { name: 'the analysis of a replaced source fails twice', before: v1, made: true, changes: [flaky] },
    { name: 'a disputed source gets two events', before: disputed, made: false, changes: [disputed] },
    { name: 'a rendered source is replaced by a disputed one', before: v1, made: true, changes: [disputed, disputed] },
    {
      name: 'a moderated source is requested on demand',
      before: explicit,
      made: false,
      hint: false,
      changes: [v2],
      apiCalls: [render],
    },
    {
      name: 'a disputed source is requested on demand',
      before: disputed,
      made: false,
      changes: [],
      apiCalls: [render, render],
    },
    {
      name: 'the analysis of an on-demand render fails',
      before: flaky,
      made: false,
      hint: false,
      changes: [gone, flaky],
      apiCalls: [render],
    },
  ] satisfies Omit<Scenario, 'interruptions'>[]
).map((scenario) => ({ ...scenario, analyzes: true, interruptions: 2 }));
