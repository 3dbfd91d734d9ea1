/* global document, fetch, localStorage, location, setTimeout, URLSearchParams */
import { bytesOf, formOf, imagePath, pictureOf, uploadRequest, uploadUrl } from './pictures.mjs';
import { thumbHashToDataURL } from './thumbhash.js';

const photos = document.querySelector('#photos');
const template = document.querySelector('#photo');
const status = document.querySelector('#status');
const input = document.querySelector('#upload input');

/** Layout width of a photo. With this width, the browser selects the smallest sufficient thumbnail. */
const SIZES = '(min-width: 40rem) 20rem, 100vw';
/** Key in localStorage of the images that this browser uploaded. */
const STORED = 'photos';

async function json(response) {
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.detail ?? body.message ?? response.statusText);
  }
  return body;
}

/** Returns the manifest of an image once its thumbnails exist. */
async function imageOf(key) {
  for (;;) {
    const response = await fetch(imagePath(key));
    if (response.status !== 202) {
      return json(response);
    }
    await new Promise((resolve) => setTimeout(resolve, Number(response.headers.get('Retry-After') ?? 2) * 1000));
  }
}

/** Adds an image to the page, first as a caption and then with its thumbnails. */
async function show(key, caption = key.split('/').at(-1)) {
  const figure = template.content.cloneNode(true).firstElementChild;
  const img = figure.querySelector('img');
  const text = figure.querySelector('figcaption');
  text.textContent = `${caption} …`;
  photos.prepend(figure);
  try {
    const image = await imageOf(key);
    if (image.status === 'rejected') {
      throw new Error(image.rejection.message);
    }
    const picture = pictureOf(image);
    img.parentElement.style.backgroundImage = `url(${thumbHashToDataURL(bytesOf(image.thumbHash))})`;
    for (const source of picture.sources) {
      img.before(Object.assign(document.createElement('source'), source, { sizes: SIZES }));
    }
    Object.assign(img, { sizes: SIZES, alt: caption, ...picture.img });
    text.textContent = `${caption} · ${image.image.width} × ${image.image.height}`;
  } catch (error) {
    text.textContent = `${caption}: ${error.message}`;
  }
}

async function upload(file) {
  status.textContent = `Uploading ${file.name}`;
  const request = { method: 'POST', body: JSON.stringify(uploadRequest(file)) };
  const { key, upload: form } = await fetch(uploadUrl(location.hash), request).then(json);
  const sent = await fetch(form.url, { method: 'POST', body: formOf(form, file) });
  if (!sent.ok) {
    throw new Error(`Upload rejected (${sent.status})`);
  }
  localStorage.setItem(STORED, JSON.stringify([...stored(), key]));
  await show(key, file.name);
}

async function uploadAll(files) {
  try {
    await Promise.all([...files].map(upload));
    status.textContent = 'Done. Drop more photos anywhere on this page.';
  } catch (error) {
    status.textContent = error.message;
  }
}

function stored() {
  return JSON.parse(localStorage.getItem(STORED) ?? '[]');
}

input.addEventListener('change', () => uploadAll(input.files));
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('over');
});
document.addEventListener('dragleave', () => document.body.classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('over');
  void uploadAll(event.dataTransfer.files);
});

for (const key of new Set([...stored(), ...new URLSearchParams(location.search).getAll('image')])) {
  void show(key);
}
