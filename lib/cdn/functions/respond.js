// CloudFront function for viewer responses: adds the headers that depend on the request, which S3 objects do not have.
// This file contains a factory like normalize.js, with the same limits.
// The construct removes comment lines.
(function (settings) {
  var extensions = { avif: 'avif', gif: 'gif', jpeg: 'jpg', png: 'png', webp: 'webp' };

  // Returns the requested thumbnail. AWS does not document whether the event contains the original request or the one
  // that normalize.js returned, which has the header x-thumbnails-format.
  function read(request) {
    var marker = request.headers['x-thumbnails-format'];
    var uri = request.uri;
    if (!marker) {
      var original = /^\/thumbnails\/([^/]+)(?:\/([\s\S]*))?$/.exec(uri.slice(settings.base.length));
      return original && { name: original[1], key: original[2], isNamed: Boolean(request.querystring.format) };
    }
    var api = /^\/thumbnails\/([^/.]+)$/.exec(uri);
    var stored = /^\/([\s\S]*)\/([^/.]+)\.[a-z]+$/.exec(uri);
    var isNamed = marker.value === 'named';
    return api ? { name: api[1], isNamed: isNamed } : stored && { name: stored[2], key: stored[1], isNamed: isNamed };
  }

  // Returns the file name for downloads, like the API except for characters that need Unicode tables.
  function disposition(key, name, type) {
    var file = decodeURIComponent(key);
    var letters = file
      .slice(file.lastIndexOf('/') + 1)
      .replace(/\.[^.]*$/, '')
      .replace(/[\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\]/g, '')
      .match(/[\ud800-\udbff][\udc00-\udfff]|[^\ud800-\udfff]/g);
    var stem = (letters || [])
      .filter(function (letter) {
        return letter >= ' ';
      })
      .slice(0, 100)
      .join('');
    var whole = (stem || 'image') + '-' + name + '.' + extensions[type];
    var plain = whole.replace(/[\ud800-\udbff][\udc00-\udfff]|[^A-Za-z0-9 ._()-]/g, '_');
    var extended = encodeURIComponent(whole).replace(/['()*]/g, function (character) {
      return '%' + character.charCodeAt(0).toString(16).toUpperCase();
    });
    return 'inline; filename="' + plain + "\"; filename*=UTF-8''" + extended;
  }

  return function (event) {
    var request = event.request;
    var response = event.response;
    var headers = response.headers;
    var requested = read(request);
    var isDefined = requested && Object.prototype.hasOwnProperty.call(settings.thumbnails, requested.name);
    if (!isDefined || [200, 206, 304].indexOf(Number(response.statusCode)) < 0) {
      return response;
    }

    if (settings.thumbnails[requested.name].length > 1 && !requested.isNamed) {
      var vary = headers.vary ? headers.vary.value : '';
      if (!/(?:^|[\s,])accept(?:$|[\s,])/i.test(vary)) {
        headers.vary = { value: vary ? vary + ', Accept' : 'Accept' };
      }
    }

    var type = headers['content-type'] && /^image\/([a-z]+)$/.exec(headers['content-type'].value);
    if (requested.key && type && extensions[type[1]] && !headers['content-disposition']) {
      headers['content-disposition'] = { value: disposition(requested.key, requested.name, type[1]) };
    }

    var control = headers['cache-control'];
    var version = request.querystring.v;
    var tag = headers.etag && /^"([^"]+)"$/.exec(headers.etag.value);
    if (version && tag && version.value === encodeURIComponent(tag[1].slice(0, 16))) {
      control = { value: 'public, max-age=31536000, immutable' };
    }
    if (control) {
      // Shared caches must not store responses to signed requests.
      headers['cache-control'] = settings.query ? control : { value: control.value.replace(/\bpublic\b/i, 'private') };
    }
    return response;
  };
});
