// Runs in the page's own world before the page. MeshCentral makes its server's graphs while it starts, whatever part
// of it is shown; the libraries for graphs and maps are not loaded (mesh/containment.py). These stand in for them:
// each can be called, made, read and written to, and does nothing.
(function () {
  'use strict';
  const nothing = new Proxy(function () {}, {
    get: (target, name) => (typeof name === 'symbol' ? undefined : nothing),
    set: () => true,
    apply: () => nothing,
    construct: () => nothing
  });
  for (const name of ['Chart', 'moment', 'ol']) window[name] = nothing;
})
