// For redirect.js: parses URLs of imgproxy with plain and base64 source URLs: https://docs.imgproxy.net/usage/processing
// Encrypted source URLs continue to the origin.

/** URLs of the source bucket in imgproxy URLs. Each URL ends before the key. */
var SOURCES = ['s3://my-images/', 'https://my-images.s3.eu-central-1.amazonaws.com/'];
/** Maps presets to thumbnails. A preset without an entry uses the thumbnail that has the name of the preset. */
var PRESETS = {};
/** Whether IMGPROXY_ONLY_PRESETS is enabled. */
var ONLY_PRESETS = false;

// eslint-disable-next-line no-unused-vars -- redirect.js calls this function
function parse(uri) {
  // The first segment is the signature.
  var segments = uri.split('/').slice(2);
  var wanted = { width: 0, height: 0, fit: 'inside' };
  var dpr = 1;
  while (segments.length > 1 && (/:|%3a/i.test(segments[0]) || (ONLY_PRESETS && !wanted.names))) {
    var words = decodeURIComponent(segments.shift()).split(':');
    var name = ONLY_PRESETS ? 'preset' : words.shift();
    if (/^(?:resize|rs|resizing_type|rt)$/.test(name)) {
      wanted.fit = (words.shift() || 'fit') === 'fit' ? 'inside' : 'cover';
    }
    if (/^(?:resize|rs|size|s|width|w)$/.test(name)) {
      wanted.width = Number(words.shift()) || wanted.width;
    }
    if (/^(?:resize|rs|size|s|height|h)$/.test(name)) {
      wanted.height = Number(words.shift()) || wanted.height;
    }
    if (name === 'dpr') {
      dpr = Number(words[0]) || 1;
    } else if (/^(?:format|f|ext)$/.test(name)) {
      wanted.format = words[0];
    } else if (/^(?:preset|pr)$/.test(name)) {
      wanted.names = words.map(thumbnailOf);
    }
  }
  var source = segments[0] === 'plain' ? plainSource(segments.slice(1).join('/')) : base64Source(segments.join(''));
  wanted.width *= dpr;
  wanted.height *= dpr;
  wanted.key = keyOf(source.url);
  wanted.format = source.extension || wanted.format;
  return wanted;
}

function thumbnailOf(preset) {
  return Object.keys(PRESETS).indexOf(preset) >= 0 ? PRESETS[preset] : preset;
}

function plainSource(text) {
  var parts = text.split('@');
  return { url: decodeURIComponent(parts[0]), extension: parts[1] };
}

function base64Source(text) {
  var parts = text.split('.');
  var base64 = parts[0].replace(/-/g, '+').replace(/_/g, '/');
  return { url: Buffer.from(base64, 'base64').toString(), extension: parts[1] };
}

/** Returns the key of a source URL, or undefined for the URL of another bucket or server. */
function keyOf(url) {
  // Proxies replace // in a path by /.
  var whole = url.replace(/^(\w+):\/+/, '$1://').split('?')[0];
  var source = SOURCES.filter(function (prefix) {
    return whole.indexOf(prefix) === 0;
  })[0];
  if (source === undefined) {
    return undefined;
  }
  var path = whole.slice(source.length);
  // imgproxy does not decode keys in s3:// URLs.
  return source.indexOf('http') === 0 ? decodeURIComponent(path) : path;
}
