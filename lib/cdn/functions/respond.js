// CloudFront Function for viewer responses: a factory as in normalize.js, under the same limits. It adds the headers that the
// bucket cannot send: Vary, Content-Disposition and Cache-Control depend on the request.
// The deployed code does not contain comment lines.
(function (settings) {
  var extensions = { avif: 'avif', gif: 'gif', jpeg: 'jpg', png: 'png', webp: 'webp' };

  // Returns the requested thumbnail. AWS does not document whether this function receives the original request or the request
  // that normalize.js returned. Only the latter has the header.
  function read(request) {
    var mark = request.headers['x-thumbnails-format'];
    var uri = request.uri;
    if (!mark) {
      var came = /^\/thumbnails\/([^/]+)(?:\/([\s\S]*))?$/.exec(uri.slice(settings.base.length));
      return came && { name: came[1], key: came[2], isNamed: Boolean(request.querystring.format) };
    }
    var made = /^\/thumbnails\/([^/.]+)$/.exec(uri);
    var stored = /^\/([\s\S]*)\/([^/.]+)\.[a-z]+$/.exec(uri);
    var isNamed = mark.value === 'named';
    return made ? { name: made[1], isNamed: isNamed } : stored && { name: stored[2], key: stored[1], isNamed: isNamed };
  }

  // Content-Disposition as in the API, except for invisible characters that require Unicode tables.
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
    var asked = read(request);
    var isDefined = asked && Object.prototype.hasOwnProperty.call(settings.thumbnails, asked.name);
    if (!isDefined || [200, 206, 304].indexOf(Number(response.statusCode)) < 0) {
      return response;
    }

    if (settings.thumbnails[asked.name].length > 1 && !asked.isNamed) {
      var vary = headers.vary ? headers.vary.value : '';
      if (!/(?:^|[\s,])accept(?:$|[\s,])/i.test(vary)) {
        headers.vary = { value: vary ? vary + ', Accept' : 'Accept' };
      }
    }

    var type = headers['content-type'] && /^image\/([a-z]+)$/.exec(headers['content-type'].value);
    if (asked.key && type && extensions[type[1]] && !headers['content-disposition']) {
      headers['content-disposition'] = { value: disposition(asked.key, asked.name, type[1]) };
    }

    var control = headers['cache-control'];
    var version = request.querystring.v;
    var tag = headers.etag && /^"([^"]+)"$/.exec(headers.etag.value);
    if (version && tag && version.value === encodeURIComponent(tag[1].slice(0, 16))) {
      control = { value: 'public, max-age=31536000, immutable' };
    }
    if (control) {
      // Shared caches must not store responses to signed links.
      headers['cache-control'] = settings.query ? control : { value: control.value.replace(/\bpublic\b/i, 'private') };
    }
    return response;
  };
});
