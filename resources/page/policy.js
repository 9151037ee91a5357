// Runs in an isolated world, in each frame, before the document's own scripts: puts the session's Content Security
// Policy into the document. A policy cannot be taken back, and what the document makes inherits it.
(function (settings) {
  'use strict';
  if (document.contentType !== 'text/html') return; // a picture, or XML: there is no place for a policy
  function put() {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = settings.policy;
    const head = document.head || document.documentElement.insertBefore(document.createElement('head'), null);
    head.prepend(policy);
    policy.remove();
  }
  if (document.documentElement) {
    put();
    return;
  }
  // Called before the first script of the document runs: between two tasks of the parser.
  new MutationObserver((_, observer) => {
    if (!document.documentElement) return;
    observer.disconnect();
    put();
  }).observe(document, { childList: true });
})
