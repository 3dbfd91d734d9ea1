// @ts-check
/* global WebAssembly */
'use strict';

/**
 * Decodes one HEIC in a thread of its own, with libheif as WebAssembly. A thread, because the decoder runs in one go and
 * can only be stopped from outside, and because WebAssembly memory never shrinks but ends with its thread. Plain
 * JavaScript, because a thread is started from a file: this one serves the sources, the tests and the bundles alike.
 *
 * Takes {@link Request} as its worker data and posts one {@link Answer}.
 *
 * @typedef {object} Request
 * @property {Uint8Array} bytes
 * @property {number} maxPixels
 * @property {number} maxMemory memory for the decoder, in bytes
 *
 * @typedef {object} Picture
 * @property {Uint8Array} pixels rows of 8-bit red, green, blue and, with four channels, opacity
 * @property {number} width as it is seen: libheif applies the file's rotation, mirroring and crop
 * @property {number} height
 * @property {3 | 4} channels
 * @property {boolean} premultiplied
 * @property {Uint8Array | undefined} profile ICC
 * @property {number | undefined} primaries colour primaries as in ITU-T H.273
 *
 * @typedef {{ code: number, subcode: number, message: string }} Failure codes of libheif's heif_error.h
 * @typedef {{ picture: Picture } | { failure: Failure }} Answer
 */

const { parentPort, workerData } = require('node:worker_threads');

// From libheif's headers: https://github.com/strukturag/libheif/tree/master/libheif/api/libheif
const COLORSPACE_RGB = 1;
const CHROMA_INTERLEAVED_RGB = 10;
const CHROMA_INTERLEAVED_RGBA = 11;
const CHANNEL_INTERLEAVED = 10;
const SIZE_OF_TILING = 128;
const PROFILE_NONE = 0;
const PROFILE_NCLX = 0x6e636c78;
const INVALID_INPUT = 2;
const MEMORY_ALLOCATION_ERROR = 6;
const DECODER_PLUGIN_ERROR = 7;
const SECURITY_LIMIT_EXCEEDED = 1000;

const WEBASSEMBLY_PAGE = 65_536;

/** What libheif answers when it does not do what it was asked. */
class HeifError extends Error {
  /** @param {number} code @param {number} subcode @param {string} message */
  constructor(code, subcode, message) {
    super(message);
    this.code = code;
    this.subcode = subcode;
  }
}

/**
 * Refuses memory past the limit: libheif then fails by itself instead of taking the machine's.
 * @param {number} maxMemory
 */
function boundMemory(maxMemory) {
  const { grow } = WebAssembly.Memory.prototype;
  /** @this {WebAssembly.Memory} @param {number} pages */
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * WEBASSEMBLY_PAGE > maxMemory) {
      throw new RangeError('memory limit reached');
    }
    return grow.call(this, pages);
  };
}

/** libheif's C interface with its habits put away: errors are thrown, memory is asked for or an error. */
class Libheif {
  constructor() {
    /** @type {any} what its types export is not what the package does */
    const start = require('libheif-js/libheif-wasm/libheif.js');
    this.library = start({ print() {}, printErr() {} });
    this.error = this.allocate(12);
    this.out = this.allocate(8);
  }

  /** @param {number} size @returns {number} where it is */
  allocate(size) {
    const at = this.library._malloc(size);
    if (at === 0) {
      throw new HeifError(MEMORY_ALLOCATION_ERROR, 0, 'no memory for the file');
    }
    return at;
  }

  /** @param {Uint8Array} bytes @returns {number} where they are */
  copyIn(bytes) {
    const at = this.allocate(bytes.length);
    this.library.HEAPU8.set(bytes, at);
    return at;
  }

  /** @param {number} at @param {number} size @returns {Uint8Array} */
  copyOut(at, size) {
    return this.library.HEAPU8.slice(at, at + size);
  }

  /** The 32-bit word at a place. @param {number} at @returns {number} */
  word(at) {
    return this.library.HEAPU32[at >>> 2];
  }

  /**
   * Calls a function that returns a struct heif_error: the place for it is its first argument.
   * @param {string} name @param {...number} values
   */
  call(name, ...values) {
    this.library[`_${name}`](this.error, ...values);
    const [code, subcode, text] = [0, 4, 8].map((offset) => this.word(this.error + offset));
    if (code === 0) {
      return;
    }
    const end = this.library.HEAPU8.indexOf(0, text);
    throw new HeifError(code, subcode, Buffer.from(this.copyOut(text, end - text)).toString());
  }

  /**
   * The same for a function that gives a pointer or number back through its last argument.
   * @param {string} name @param {number} subject @param {...number} rest arguments after that one
   * @returns {number}
   */
  get(name, subject, ...rest) {
    this.call(name, subject, this.out, ...rest);
    return this.word(this.out);
  }

  /** Calls a function that returns a number. @param {string} name @param {...number} values @returns {number} */
  ask(name, ...values) {
    return this.library[`_${name}`](...values);
  }
}

/** @param {Request} request @returns {Picture} */
function decode({ bytes, maxPixels, maxMemory }) {
  boundMemory(maxMemory);
  const heif = new Libheif();
  const context = heif.ask('heif_context_alloc');
  // Taken times itself: bounds whatever the file makes libheif allocate, not only what its header says of the picture.
  heif.ask('heif_context_set_maximum_image_size_limit', context, Math.ceil(Math.sqrt(maxPixels)));
  heif.call('heif_context_read_from_memory_without_copy', context, heif.copyIn(bytes), bytes.length, 0);
  const handle = heif.get('heif_context_get_primary_image_handle', context);
  const width = heif.ask('heif_image_handle_get_width', handle);
  const height = heif.ask('heif_image_handle_get_height', handle);
  if (width * height > maxPixels) {
    const message = `${width} × ${height} pixels, ${maxPixels} are allowed`;
    throw new HeifError(MEMORY_ALLOCATION_ERROR, SECURITY_LIMIT_EXCEEDED, message);
  }
  const channels = heif.ask('heif_image_handle_has_alpha_channel', handle) === 1 ? 4 : 3;
  const pixels = new Uint8Array(width * height * channels);
  const premultiplied = heif.ask('heif_image_handle_is_premultiplied_alpha', handle) === 1;
  /** @type {Picture} */
  const picture = { pixels, width, height, channels, premultiplied, ...coloursOf(heif, handle) };
  const tiles = tilesOf(heif, handle, picture);
  if (tiles !== undefined && channels === 3) {
    decodeTiles(heif, handle, tiles, picture);
  } else {
    const image = heif.get('heif_decode_image', handle, COLORSPACE_RGB, chromaOf(picture), 0);
    copyPixels(heif, image, picture, 0, 0);
  }
  return picture;
}

/** @param {Picture} picture */
function chromaOf(picture) {
  return picture.channels === 4 ? CHROMA_INTERLEAVED_RGBA : CHROMA_INTERLEAVED_RGB;
}

/**
 * How a picture is cut into tiles, as it is seen; undefined when it is in one piece, or is cropped besides.
 * @param {Libheif} heif @param {number} handle @param {Picture} picture
 */
function tilesOf(heif, handle, picture) {
  const tiling = heif.allocate(SIZE_OF_TILING);
  heif.call('heif_image_handle_get_image_tiling', handle, 1, tiling);
  // struct heif_image_tiling: a version, then these
  const words = [1, 2, 3, 4, 5, 6, 7, 8].map((word) => heif.word(tiling + 4 * word));
  const [columns, rows, width, height, imageWidth, imageHeight, topOffset, leftOffset] = words;
  if (columns * rows === 1 || imageWidth !== picture.width || imageHeight !== picture.height) {
    return undefined;
  }
  // The tiles may reach beyond the picture: to the right and below as stored, but to the left or above once it is turned.
  // libheif's offsets tell on which side; their values are of the part that is seen and not, as described, of the rest.
  const left = leftOffset === 0 ? 0 : columns * width - imageWidth;
  const top = topOffset === 0 ? 0 : rows * height - imageHeight;
  return { columns, rows, width, height, left, top };
}

/**
 * Decodes one tile after the other: phones cut large photos into some hundred, and decoding them at once takes the
 * memory of three pictures where this takes that of one.
 * @param {Libheif} heif @param {number} handle @param {NonNullable<ReturnType<typeof tilesOf>>} tiles @param {Picture} picture
 */
function decodeTiles(heif, handle, tiles, picture) {
  const chroma = chromaOf(picture);
  for (let row = 0; row < tiles.rows; row++) {
    for (let column = 0; column < tiles.columns; column++) {
      const place = [COLORSPACE_RGB, chroma, 0, column, row];
      const image = heif.get('heif_image_handle_decode_image_tile', handle, ...place);
      const { width, height } = sizeOf(heif, image);
      if (width !== tiles.width || height !== tiles.height) {
        throw new HeifError(INVALID_INPUT, 0, `a tile of ${width} × ${height} pixels among larger or smaller ones`);
      }
      copyPixels(heif, image, picture, column * tiles.width - tiles.left, row * tiles.height - tiles.top);
      heif.ask('heif_image_release', image);
    }
  }
}

/** @param {Libheif} heif @param {number} image decoded */
function sizeOf(heif, image) {
  return {
    width: heif.ask('heif_image_get_width', image, CHANNEL_INTERLEAVED),
    height: heif.ask('heif_image_get_height', image, CHANNEL_INTERLEAVED),
  };
}

/**
 * Copies what of a decoded image lies within the picture when its top left corner is put at a place.
 * @param {Libheif} heif @param {number} image @param {Picture} picture @param {number} left @param {number} top
 */
function copyPixels(heif, image, picture, left, top) {
  const { width, height } = sizeOf(heif, image);
  const plane = heif.ask('heif_image_get_plane_readonly', image, CHANNEL_INTERLEAVED, heif.out);
  const stride = heif.word(heif.out);
  const from = Math.max(0, -left);
  const length = (Math.min(width, picture.width - left) - from) * picture.channels;
  if (length <= 0) {
    return;
  }
  for (let row = Math.max(0, -top); row < Math.min(height, picture.height - top); row++) {
    const start = plane + row * stride + from * picture.channels;
    const at = ((top + row) * picture.width + left + from) * picture.channels;
    picture.pixels.set(heif.library.HEAPU8.subarray(start, start + length), at);
  }
}

/** How the file says that its colours are meant. @param {Libheif} heif @param {number} handle */
function coloursOf(heif, handle) {
  const type = heif.ask('heif_image_handle_get_color_profile_type', handle);
  if (type === PROFILE_NONE) {
    return { profile: undefined, primaries: undefined };
  }
  if (type === PROFILE_NCLX) {
    const nclx = heif.get('heif_image_handle_get_nclx_color_profile', handle);
    // struct heif_color_profile_nclx: a byte for its version, then, at the next word, the primaries
    return { profile: undefined, primaries: heif.word(nclx + 4) };
  }
  const size = heif.ask('heif_image_handle_get_raw_color_profile_size', handle);
  const at = heif.allocate(size);
  heif.call('heif_image_handle_get_raw_color_profile', handle, at);
  return { profile: heif.copyOut(at, size), primaries: undefined };
}

/** @returns {Answer} */
function answer() {
  try {
    return { picture: decode(workerData) };
  } catch (error) {
    if (error instanceof HeifError) {
      return { failure: { code: error.code, subcode: error.subcode, message: error.message } };
    }
    // What a broken file can make WebAssembly do: trap, throw a C++ exception (a number here), run out of stack.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError || typeof error === 'number') {
      return { failure: { code: DECODER_PLUGIN_ERROR, subcode: 0, message: String(error) } };
    }
    throw error;
  }
}

const result = answer();
parentPort?.postMessage(result, 'picture' in result ? [/** @type {ArrayBuffer} */ (result.picture.pixels.buffer)] : []);
