// @ts-check
/* global WebAssembly */
'use strict';

/**
 * Decodes one HEIC in a worker thread, with libheif as WebAssembly. The decoder is synchronous, so only the end of its thread
 * can stop it. The end of the thread also frees the WebAssembly memory, which never shrinks. A worker thread starts from a
 * file. This file is JavaScript, so that the same file works in sources, tests and bundles.
 *
 * Reads {@link Request} from the worker data and posts one {@link Result}.
 *
 * @typedef {object} Request
 * @property {Uint8Array} bytes
 * @property {number} maxPixels
 * @property {number} maxMemory memory for the decoder, in bytes
 *
 * @typedef {object} Image
 * @property {Uint8Array} pixels rows of 8-bit red, green, blue and, with four channels, alpha
 * @property {number} width after rotation and mirroring
 * @property {number} height
 * @property {3 | 4} channels
 * @property {boolean} premultiplied
 * @property {Uint8Array | undefined} profile ICC
 * @property {{ primaries: number, transfer: number } | undefined} codePoints colours by ITU-T H.273
 *
 * @typedef {{ code: number, subcode: number, message: string }} Failure codes of libheif's heif_error.h
 * @typedef {{ image: Image } | { failure: Failure }} Result
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

/** Offset of max_items in struct heif_security_limits. */
const ITEM_LIMIT_OFFSET = 28;
/** Item limit for libheif. The engine has a lower limit, which therefore applies first. */
const MAX_ITEMS = 1_000_000;
const WEBASSEMBLY_PAGE = 65_536;

/** Error that libheif returns. */
class HeifError extends Error {
  /** @param {number} code @param {number} subcode @param {string} message */
  constructor(code, subcode, message) {
    super(message);
    this.code = code;
    this.subcode = subcode;
  }
}

/**
 * Limits the WebAssembly memory. If an allocation exceeds the limit, libheif returns an error.
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

/** Calls the C functions of libheif. Throws a {@link HeifError} if a function returns an error. */
class Libheif {
  constructor() {
    /** @type {any} because the type declarations of the package are wrong */
    const start = require('libheif-js/libheif-wasm/libheif.js');
    this.library = start({ print() {}, printErr() {} });
    this.error = this.allocate(12);
    this.out = this.allocate(8);
  }

  /** @param {number} size @returns {number} address */
  allocate(size) {
    const at = this.library._malloc(size);
    if (at === 0) {
      throw new HeifError(MEMORY_ALLOCATION_ERROR, 0, 'not enough memory for the file');
    }
    return at;
  }

  /** @param {Uint8Array} bytes @returns {number} address */
  copyIn(bytes) {
    const at = this.allocate(bytes.length);
    this.library.HEAPU8.set(bytes, at);
    return at;
  }

  /** @param {number} at @param {number} size @returns {Uint8Array} */
  copyOut(at, size) {
    return this.library.HEAPU8.slice(at, at + size);
  }

  /** Returns the 32-bit word at an address. @param {number} at @returns {number} */
  word(at) {
    return this.library.HEAPU32[at >>> 2];
  }

  /**
   * Calls a function that returns a struct heif_error, whose address is the first argument.
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
   * Calls a function that returns an error, and a pointer or number through its output argument.
   * @param {string} name @param {number} subject @param {...number} rest arguments after that one
   * @returns {number}
   */
  get(name, subject, ...rest) {
    this.call(name, subject, this.out, ...rest);
    return this.word(this.out);
  }

  /** Calls a function that returns a number or a pointer. @param {string} name @param {...number} values @returns {number} */
  ask(name, ...values) {
    return this.library[`_${name}`](...values);
  }
}

/** @param {Request} request @returns {Image} */
function decode({ bytes, maxPixels, maxMemory }) {
  boundMemory(maxMemory);
  const heif = new Libheif();
  const context = heif.ask('heif_context_alloc');
  raiseItemLimit(heif, context);
  // The limit is a side, which libheif squares. libheif also checks the size in the coded data, unlike the check below.
  heif.ask('heif_context_set_maximum_image_size_limit', context, Math.ceil(Math.sqrt(maxPixels)));
  heif.call('heif_context_read_from_memory_without_copy', context, heif.copyIn(bytes), bytes.length, 0);
  const handle = heif.get('heif_context_get_primary_image_handle', context);
  const width = heif.ask('heif_image_handle_get_width', handle);
  const height = heif.ask('heif_image_handle_get_height', handle);
  if (width * height > maxPixels) {
    const message = `the image has ${width} × ${height} pixels; at most ${maxPixels} are allowed`;
    throw new HeifError(MEMORY_ALLOCATION_ERROR, SECURITY_LIMIT_EXCEEDED, message);
  }
  const channels = heif.ask('heif_image_handle_has_alpha_channel', handle) === 1 ? 4 : 3;
  const pixels = new Uint8Array(width * height * channels);
  const premultiplied = heif.ask('heif_image_handle_is_premultiplied_alpha', handle) === 1;
  /** @type {Image} */
  const result = { pixels, width, height, channels, premultiplied, ...coloursOf(heif, handle) };
  const tiles = tilesOf(heif, handle, result);
  if (tiles !== undefined && channels === 3) {
    decodeTiles(heif, handle, tiles, result);
  } else {
    const image = heif.get('heif_decode_image', handle, COLORSPACE_RGB, chromaOf(result), 0);
    copyPixels(heif, image, result, 0, 0);
  }
  return result;
}

/**
 * Raises libheif's limit of 256 items, because the engine has its own limit. The limit is the fifth field of struct
 * heif_security_limits.
 * @param {Libheif} heif @param {number} context
 */
function raiseItemLimit(heif, context) {
  const limits = heif.ask('heif_context_get_security_limits', context);
  heif.library.HEAPU32[(limits + ITEM_LIMIT_OFFSET) >>> 2] = MAX_ITEMS;
}

/** @param {Image} result */
function chromaOf(result) {
  return result.channels === 4 ? CHROMA_INTERLEAVED_RGBA : CHROMA_INTERLEAVED_RGB;
}

/**
 * Returns the tiles of an image after rotation and mirroring; undefined for one tile.
 * @param {Libheif} heif @param {number} handle @param {Image} result
 */
function tilesOf(heif, handle, result) {
  const tiling = heif.allocate(SIZE_OF_TILING);
  heif.call('heif_image_handle_get_image_tiling', handle, 1, tiling);
  // struct heif_image_tiling: a version precedes these fields.
  const words = [1, 2, 3, 4, 5, 6, 7, 8].map((word) => heif.word(tiling + 4 * word));
  const [columns, rows, width, height, imageWidth, imageHeight, topOffset, leftOffset] = words;
  if (columns * rows === 1 || imageWidth !== result.width || imageHeight !== result.height) {
    return undefined;
  }
  // The tiles can exceed the image at the right and bottom, or after a rotation at the left or top. The offsets of libheif are
  // not the exceeding pixels, so this code uses only whether an offset is 0.
  const left = leftOffset === 0 ? 0 : columns * width - imageWidth;
  const top = topOffset === 0 ? 0 : rows * height - imageHeight;
  return { columns, rows, width, height, left, top };
}

/**
 * Decodes the tiles sequentially. Decoding all of them at once takes the memory of three images.
 * @param {Libheif} heif @param {number} handle @param {NonNullable<ReturnType<typeof tilesOf>>} tiles @param {Image} result
 */
function decodeTiles(heif, handle, tiles, result) {
  const chroma = chromaOf(result);
  for (let row = 0; row < tiles.rows; row++) {
    for (let column = 0; column < tiles.columns; column++) {
      const place = [COLORSPACE_RGB, chroma, 0, column, row];
      const image = heif.get('heif_image_handle_decode_image_tile', handle, ...place);
      const { width, height } = sizeOf(heif, image);
      if (width !== tiles.width || height !== tiles.height) {
        throw new HeifError(
          INVALID_INPUT,
          0,
          `a tile has ${width} × ${height} pixels; expected ${tiles.width} × ${tiles.height}`,
        );
      }
      copyPixels(heif, image, result, column * tiles.width - tiles.left, row * tiles.height - tiles.top);
      heif.ask('heif_image_release', image);
    }
  }
}

/** @param {Libheif} heif @param {number} image */
function sizeOf(heif, image) {
  return {
    width: heif.ask('heif_image_get_width', image, CHANNEL_INTERLEAVED),
    height: heif.ask('heif_image_get_height', image, CHANNEL_INTERLEAVED),
  };
}

/**
 * Copies a decoded tile to a position of the image. Omits the part outside of the image.
 * @param {Libheif} heif @param {number} image @param {Image} result @param {number} left @param {number} top
 */
function copyPixels(heif, image, result, left, top) {
  const { width, height } = sizeOf(heif, image);
  const plane = heif.ask('heif_image_get_plane_readonly', image, CHANNEL_INTERLEAVED, heif.out);
  const stride = heif.word(heif.out);
  const from = Math.max(0, -left);
  const length = (Math.min(width, result.width - left) - from) * result.channels;
  if (length <= 0) {
    return;
  }
  for (let row = Math.max(0, -top); row < Math.min(height, result.height - top); row++) {
    const start = plane + row * stride + from * result.channels;
    const at = ((top + row) * result.width + left + from) * result.channels;
    result.pixels.set(heif.library.HEAPU8.subarray(start, start + length), at);
  }
}

/** Returns the colour information of the image. @param {Libheif} heif @param {number} handle */
function coloursOf(heif, handle) {
  const type = heif.ask('heif_image_handle_get_color_profile_type', handle);
  if (type === PROFILE_NONE) {
    return { profile: undefined, codePoints: undefined };
  }
  if (type === PROFILE_NCLX) {
    const nclx = heif.get('heif_image_handle_get_nclx_color_profile', handle);
    // struct heif_color_profile_nclx: the version and padding precede primaries and transfer characteristics.
    const codePoints = { primaries: heif.word(nclx + 4), transfer: heif.word(nclx + 8) };
    return { profile: undefined, codePoints };
  }
  const size = heif.ask('heif_image_handle_get_raw_color_profile_size', handle);
  const at = heif.allocate(size);
  heif.call('heif_image_handle_get_raw_color_profile', handle, at);
  return { profile: heif.copyOut(at, size), codePoints: undefined };
}

/** @returns {Result} */
function run() {
  try {
    return { image: decode(workerData) };
  } catch (error) {
    if (error instanceof HeifError) {
      return { failure: { code: error.code, subcode: error.subcode, message: error.message } };
    }
    // A corrupt file can cause a trap, a C++ exception (a number here) or a stack overflow.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError || typeof error === 'number') {
      return { failure: { code: DECODER_PLUGIN_ERROR, subcode: 0, message: String(error) } };
    }
    throw error;
  }
}

const result = run();
parentPort?.postMessage(result, 'image' in result ? [/** @type {ArrayBuffer} */ (result.image.pixels.buffer)] : []);
