// The CloudFront Function behind the thumbnails: a factory as in normalize.js, under the same limits. The bucket answers with
// what is stored: it does not know what its client asked for, and that another Accept header could have got other bytes.
// Lines that are only a comment are left out of what is deployed.
(function (settings) {
  // As it was asked for by the client, or as normalize.js has made it: either may be what is told here.
  function nameOf(uri) {
    var path = uri.indexOf(settings.base + '/') === 0 ? uri.slice(settings.base.length) : uri;
    var found = /^\/thumbnails\/([^/]+)(?:\/|$)/.exec(path) || /\/([^/.]+)\.[a-z]+$/.exec(path);
    return found && found[1];
  }

  return function (event) {
    var request = event.request;
    var response = event.response;
    var headers = response.headers;
    var name = nameOf(request.uri);
    var isDefined = Object.prototype.hasOwnProperty.call(settings.thumbnails, name);
    if (!isDefined || [200, 206, 304].indexOf(Number(response.statusCode)) < 0) return response;

    var chosen = request.headers['x-thumbnails-format'];
    var isNamed = chosen ? chosen.value === 'named' : Boolean(request.querystring.format);
    if (settings.thumbnails[name].length > 1 && !isNamed) {
      var vary = headers.vary ? headers.vary.value : '';
      if (!/(?:^|[\s,])accept(?:$|[\s,])/i.test(vary)) {
        headers.vary = { value: vary ? vary + ', Accept' : 'Accept' };
      }
    }

    var control = headers['cache-control'];
    var version = request.querystring.v;
    var tag = headers.etag && /^"([^"]+)"$/.exec(headers.etag.value);
    if (version && tag && version.value === encodeURIComponent(tag[1].slice(0, 16))) {
      control = { value: 'public, max-age=31536000, immutable' };
    }
    if (control) {
      // What takes a signed link is for whoever has it, and not for the caches of others.
      headers['cache-control'] = settings.query ? control : { value: control.value.replace(/\bpublic\b/i, 'private') };
    }
    return response;
  };
});
