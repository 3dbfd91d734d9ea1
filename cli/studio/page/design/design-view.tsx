import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ThumbnailSettings } from '../../../../runtime/contract';
import type { Design, DesignedFile, StudioSettings } from '../../studio-api';
import { CompareSlider } from '../shared/compare-slider';
import { CopyField } from '../shared/copy-field';
import { formatBytes } from '../shared/format';
import { request } from '../shared/requests';
import { useQuery } from '../shared/use-query';
import { pythonCode, settingsJson, typescriptCode } from './code';
import { DesignCost } from './design-cost';
import { ImagePicker } from './image-picker';
import { ThumbnailEditor } from './thumbnail-editor';
import './design.css';

/** Time between the last change of a setting and the render, in milliseconds. */
const PAUSE_MS = 300;

/** Properties of {@link DesignView}. */
export interface DesignViewProps {
  readonly settings: StudioSettings;
  readonly initialKey?: string | undefined;
}

/** View in which users edit thumbnail settings. Shows the resulting thumbnails of one image. Does not save the settings. */
export function DesignView({ settings, initialKey }: DesignViewProps): VNode {
  const [thumbnails, setThumbnails] = useState(settings.thumbnails);
  const [imageKey, setImageKey] = useState(initialKey);
  const settled = useSettled(thumbnails);
  const { result, error, isLoading } = useQuery(JSON.stringify([imageKey, settled]), async (signal) =>
    imageKey === undefined
      ? undefined
      : (await request<Design>('/designs', { body: { key: imageKey, thumbnails: settled }, signal })).body.files,
  );
  const replace = (index: number, thumbnail: ThumbnailSettings): void =>
    setThumbnails(thumbnails.map((other, at) => (at === index ? thumbnail : other)));
  const add = (): void => {
    const names = new Set(thumbnails.map(({ name }) => name));
    let number = thumbnails.length + 1;
    while (names.has(`thumbnail-${number}`)) {
      number++;
    }
    const added: ThumbnailSettings = {
      name: `thumbnail-${number}`,
      fit: 'inside',
      width: 640,
      height: 640,
      formats: [{ type: 'webp' }],
    };
    setThumbnails([...thumbnails, added]);
  };
  return (
    <>
      <div class="title">
        <h1>Design</h1>
        <ImagePicker selected={imageKey} onSelect={setImageKey} />
      </div>
      <p class="soft">
        The engine of the pipeline renders each change{imageKey !== undefined && ` on ${imageKey}`}. The studio saves
        nothing: copy the code into your app.
      </p>
      <div class="columns">
        <div class="editor">
          {thumbnails.map((thumbnail, index) => (
            <ThumbnailEditor
              key={index}
              thumbnail={thumbnail}
              canRemove={thumbnails.length > 1}
              onChange={(next) => replace(index, next)}
              onRemove={() => setThumbnails(thumbnails.filter((_, at) => at !== index))}
            />
          ))}
          <div class="buttons">
            <button type="button" onClick={add}>
              Add a thumbnail
            </button>
            <button type="button" onClick={() => setThumbnails(settings.thumbnails)}>
              Reset
            </button>
          </div>
        </div>
        <div>
          <section class="panel" aria-labelledby="result" aria-busy={isLoading}>
            <h2 id="result">Result</h2>
            {error && (
              <p class="error" role="alert">
                {error}
              </p>
            )}
            {imageKey === undefined && <p class="soft">Upload an image to see the result.</p>}
            {isLoading && !result && <p class="soft">Rendering…</p>}
            {result && <Files files={result} />}
          </section>
          <DesignCost settings={settings} thumbnails={thumbnails} />
          <section class="panel" aria-labelledby="code">
            <h2 id="code">Code</h2>
            <CopyField label="TypeScript" text={typescriptCode(thumbnails)} />
            <CopyField label="Python" text={pythonCode(thumbnails)} />
            <SaveButton thumbnails={thumbnails} />
          </section>
        </div>
      </div>
    </>
  );
}

/** List of the rendered files. Shows the selected file beside an uncompressed version of the thumbnail. */
function Files({ files }: { readonly files: readonly DesignedFile[] }): VNode {
  const [selected, setSelected] = useState('');
  const idOf = ({ name, format }: DesignedFile): string => `${name} ${format}`;
  const shown = files.find((file) => idOf(file) === selected) ?? files[0];
  return (
    <>
      {shown && (
        <CompareSlider
          original={shown.referenceUrl}
          thumbnail={shown.url}
          label={shown.format}
          width={shown.width}
          height={shown.height}
        />
      )}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Thumbnail</th>
              <th scope="col">Format</th>
              <th scope="col" class="number">
                Pixels
              </th>
              <th scope="col" class="number">
                Bytes
              </th>
              <th scope="col" class="number">
                <abbr title="Structural dissimilarity to the uncompressed thumbnail; 0 means identical">DSSIM</abbr>
              </th>
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <tr key={idOf(file)} class={file === shown ? 'selected' : undefined}>
                <th scope="row">
                  <label class="choice">
                    <input
                      type="radio"
                      name="file"
                      checked={file === shown}
                      aria-label={`Compare ${file.name} as ${file.format}`}
                      onChange={() => setSelected(idOf(file))}
                    />{' '}
                    {file.name}
                  </label>
                </th>
                <td>{file.format}</td>
                <td class="number">
                  {file.width}×{file.height}
                </td>
                <td class="number">{formatBytes(file.bytes)}</td>
                <td class="number">{file.dssim.toFixed(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function SaveButton({ thumbnails }: { readonly thumbnails: readonly ThumbnailSettings[] }): VNode {
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([settingsJson(thumbnails)], { type: 'application/json' }));
    link.download = 'thumbnails.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <p>
      <button type="button" onClick={save}>
        Save as a settings file
      </button>{' '}
      <span class="soft">
        for <code>--settings</code> of the commands <code>start</code> and <code>render</code>
      </span>
    </p>
  );
}

/** Returns a value with a delay: a new value replaces the previous value after {@link PAUSE_MS} without a change. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
