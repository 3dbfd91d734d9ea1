import type { VNode } from 'preact';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_QUALITY,
  EFFORTS,
  FITS,
  FORMATS,
  MAX_SIDE,
  type Fit,
  type Format,
  type FormatSettings,
  type ThumbnailSettings,
} from '../../../../runtime/contract/thumbnail-settings';

/** Properties of {@link ThumbnailEditor}. */
export interface ThumbnailEditorProps {
  readonly thumbnail: ThumbnailSettings;
  readonly canRemove: boolean;
  readonly onChange: (thumbnail: ThumbnailSettings) => void;
  readonly onRemove: () => void;
}

/** Form for the settings of one thumbnail. */
export function ThumbnailEditor({ thumbnail, canRemove, onChange, onRemove }: ThumbnailEditorProps): VNode {
  const { name, fit, width, height, formats, position, background = DEFAULT_BACKGROUND } = thumbnail;
  const change = (fields: Partial<ThumbnailSettings>): void => onChange(clean({ ...thumbnail, ...fields }));
  const hasBackground = fit === 'contain' || formats.some(({ type }) => type === 'jpeg');
  const canAnimate = formats.some(({ type }) => type === 'webp' || type === 'gif');
  return (
    <fieldset>
      <legend>{name}</legend>
      <div class="fields">
        <label>
          Name
          <input type="text" value={name} onChange={({ currentTarget }) => change({ name: currentTarget.value })} />
        </label>
        <label>
          Fit
          <select value={fit} onChange={({ currentTarget }) => change({ fit: currentTarget.value as Fit })}>
            {FITS.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
        <SideField label="Width" value={width} onChange={(value) => change({ width: value })} />
        <SideField label="Height" value={height} onChange={(value) => change({ height: value })} />
        {fit === 'cover' && (
          <label>
            Position
            <select
              value={position ?? 'centre'}
              onChange={({ currentTarget }) =>
                change({ position: currentTarget.value === 'attention' ? 'attention' : undefined })
              }
            >
              <option>centre</option>
              <option>attention</option>
            </select>
          </label>
        )}
        {hasBackground && (
          <label>
            Background
            <input
              type="color"
              value={background.slice(0, 7)}
              onInput={({ currentTarget }) =>
                change({
                  background: currentTarget.value === DEFAULT_BACKGROUND ? undefined : currentTarget.value,
                })
              }
            />
          </label>
        )}
        <CheckField
          label="Enlarge"
          checked={thumbnail.enlarge === true}
          onChange={(enlarge) => change({ enlarge: enlarge || undefined })}
        />
        {canAnimate && (
          <CheckField
            label="Animated"
            checked={thumbnail.animated === true}
            onChange={(animated) => change({ animated: animated || undefined })}
          />
        )}
        <button type="button" class="plain" disabled={!canRemove} aria-label={`Remove ${name}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      <ul class="formats" aria-label={`Formats of ${name}`}>
        {FORMATS.map((type) => (
          <FormatFields
            key={type}
            type={type}
            thumbnail={name}
            formats={formats}
            onChange={(next) => change({ formats: next })}
          />
        ))}
      </ul>
    </fieldset>
  );
}

interface FormatFieldsProps {
  readonly type: Format;
  /** Name of the thumbnail, for labels. */
  readonly thumbnail: string;
  readonly formats: readonly FormatSettings[];
  readonly onChange: (formats: readonly FormatSettings[]) => void;
}

function FormatFields({ type, thumbnail, formats, onChange }: FormatFieldsProps): VNode {
  const format = formats.find((candidate) => candidate.type === type);
  const change = (fields: Partial<FormatSettings>): void =>
    onChange(formats.map((candidate) => (candidate.type === type ? clean({ ...candidate, ...fields }) : candidate)));
  const effort = type === 'jpeg' ? undefined : EFFORTS[type];
  return (
    <li>
      <CheckField
        label={type}
        name={`${type} of ${thumbnail}`}
        checked={format !== undefined}
        disabled={format !== undefined && formats.length === 1}
        onChange={(isOn) => onChange(isOn ? [...formats, { type }] : formats.filter((other) => other !== format))}
      />
      {format && type !== 'gif' && !format.lossless && (
        <label>
          Quality{' '}
          <input
            type="number"
            min="1"
            max="100"
            aria-label={`Quality of ${type} in the thumbnail ${thumbnail}`}
            value={format.quality ?? DEFAULT_QUALITY[type]}
            onInput={({ currentTarget: { value } }) =>
              isInRange(value, 1, 100) &&
              change({ quality: Number(value) === DEFAULT_QUALITY[type] ? undefined : Number(value) })
            }
          />
        </label>
      )}
      {format && effort && (
        <label>
          Effort{' '}
          <input
            type="number"
            min={effort.min}
            max={effort.max}
            aria-label={`Effort of ${type} in the thumbnail ${thumbnail}`}
            value={format.effort ?? effort.default}
            onInput={({ currentTarget: { value } }) =>
              isInRange(value, effort.min, effort.max) &&
              change({ effort: Number(value) === effort.default ? undefined : Number(value) })
            }
          />
        </label>
      )}
      {format && (type === 'webp' || type === 'avif') && (
        <CheckField
          label="Lossless"
          name={`Lossless ${type} of ${thumbnail}`}
          checked={format.lossless === true}
          onChange={(lossless) => change({ lossless: lossless || undefined, quality: undefined })}
        />
      )}
    </li>
  );
}

interface SideFieldProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function SideField({ label, value, onChange }: SideFieldProps): VNode {
  return (
    <label>
      {label}
      <input
        type="number"
        min="1"
        max={MAX_SIDE}
        value={value}
        onInput={({ currentTarget }) =>
          isInRange(currentTarget.value, 1, MAX_SIDE) && onChange(Number(currentTarget.value))
        }
      />
    </label>
  );
}

interface CheckFieldProps {
  readonly label: string;
  /** Name for screen readers. @default - the label */
  readonly name?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

function CheckField({ label, name = label, checked, disabled, onChange }: CheckFieldProps): VNode {
  return (
    <label class="check">
      <input
        type="checkbox"
        aria-label={name}
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** Returns whether the text of a field is an integer from `min` to `max`. The editor ignores any other text. */
function isInRange(text: string, min: number, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** Removes undefined fields, and the position if the fit does not support a position. */
function clean<Settings extends ThumbnailSettings | FormatSettings>(settings: Settings): Settings {
  const entries = Object.entries(settings).filter(
    ([name, value]) => value !== undefined && !(name === 'position' && 'fit' in settings && settings.fit !== 'cover'),
  );
  return Object.fromEntries(entries) as unknown as Settings;
}
