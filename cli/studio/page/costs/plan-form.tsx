import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { REGIONS, type Region } from '../../../../cost';
import type { Plan } from './planner';

/** Properties of {@link PlanForm}. */
export interface PlanFormProps {
  readonly choices: Plan;
  readonly onChange: (choices: Plan) => void;
}

/** Form for the values of a cost estimate. */
export function PlanForm({ choices, onChange }: PlanFormProps): VNode {
  const change = (fields: Partial<Plan>): void => onChange({ ...choices, ...fields });
  const field = (label: string, name: keyof Plan, limits: Limits, unit?: string): VNode => (
    <NumberField
      label={label}
      unit={unit}
      value={choices[name] as number}
      limits={limits}
      onChange={(value) => change({ [name]: value })}
    />
  );
  return (
    <form class="panel editor" aria-label="Workload" onSubmit={(event) => event.preventDefault()}>
      <h2>Workload</h2>
      <div class="fields">
        {field('Images a month', 'images', { min: 1, max: 1e9 })}
        {field('Views a month', 'views', { min: 0, max: 1e12 })}
        {field('Size of an original', 'megapixels', { min: 0.1, max: 500 }, 'megapixels')}
        {field('Bytes of an original', 'megabytes', { min: 0.01, max: 2000 }, 'MB')}
        {field('First views', 'firstViews', { min: 0, max: 100 - choices.cacheHits }, '% of the views')}
        {field('Cache hits', 'cacheHits', { min: 0, max: 100 - choices.firstViews }, '% of the views')}
        {field('Batches a month', 'batches', { min: 0, max: 1e6 }, '0: spread evenly')}
        <label>
          Region
          <select
            value={choices.region}
            onChange={({ currentTarget }) => change({ region: currentTarget.value as Region })}
          >
            {REGIONS.map((region) => (
              <option key={region}>{region}</option>
            ))}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={choices.cloudFront}
            onChange={({ currentTarget }) => change({ cloudFront: currentTarget.checked })}
          />
          CloudFront
        </label>
      </div>
      <h2 class="second">Backfill</h2>
      <div class="fields">
        {field('Existing images', 'existing', { min: 0, max: 1e10 })}
        {field('Concurrent workers', 'workers', { min: 1, max: 10_000 })}
      </div>
    </form>
  );
}

interface Limits {
  readonly min: number;
  readonly max: number;
}

interface NumberFieldProps {
  readonly label: string;
  readonly unit: string | undefined;
  readonly value: number;
  readonly limits: Limits;
  readonly onChange: (value: number) => void;
}

/** Input field for a number. Accepts the formats `1e6` and `1,000,000`. */
function NumberField({ label, unit, value, limits: { min, max }, onChange }: NumberFieldProps): VNode {
  const [text, setText] = useState<string | undefined>(undefined);
  const shown = text ?? value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  const isValid = (number: number): boolean => number >= min && number <= max;
  const numberOf = (input: string): number => (input.trim() === '' ? NaN : Number(input.replaceAll(/[,_\s]/g, '')));
  return (
    <label>
      {label}
      <input
        type="text"
        inputMode="decimal"
        value={shown}
        aria-invalid={!isValid(numberOf(shown))}
        title={`${min.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}`}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          const number = numberOf(currentTarget.value);
          if (isValid(number)) {
            onChange(number);
          }
        }}
        onBlur={() => setText(undefined)}
      />
      {unit && <small>{unit}</small>}
    </label>
  );
}
