// What this page can do for the console, with the reason where it cannot. Reported when the agent's page is there and
// whenever it changes.
(function (page) {
  'use strict';
  let last = '';
  page.onChange.push(() => {
    if (!page.there && !page.byHand) return;
    const reasons = {};
    for (const [name, reason] of Object.entries(page.features)) reasons[name] = reason();
    const now = JSON.stringify(reasons);
    if (now === last) return;
    last = now;
    page.report({ fact: 'features', reasons: reasons });
  });
  if (page.byHand) page.changed();
})
