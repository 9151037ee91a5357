// The last part: starts MeshCentral's page. It would start on the load event, which waits for some sixty pictures;
// all its scripts are there now.
(function (page) {
  'use strict';

  // The page's own margins are for a browser window.
  const column = page.element('column_l');
  if (column) column.style.padding = '0';

  // The page of Intel AMT is kept out by the containment. gotoDevice calls into its frame and would stop half-way.
  const frame = page.element('p14iframe');
  if (frame) {
    const empty = document.createElement('iframe');
    empty.id = frame.id;
    frame.replaceWith(empty);
    const nothing = () => null;
    ['getCurrentMeshNode', 'disconnect', 'setConnectionState', 'setFrameHeight', 'setAuthCallback']
      .forEach((name) => { empty.contentWindow[name] = nothing; });
  }

  if (page.byHand || page.strange.length > 0) return;
  const start = window.startup;
  if (document.readyState === 'interactive' && typeof start === 'function') {
    window.startup = () => {};
    start();
  }
})
