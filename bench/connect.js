// What a technician does at best in the page of a bare view: clicks Connect at the first moment at which it can work.
(function (view) {
  'use strict';
  if (location.protocol !== 'https:') return;
  const looking = setInterval(() => {
    const button = document.getElementById(view === 12 ? 'connectbutton2' : 'connectbutton1');
    if (!button || button.disabled || typeof currentNode === 'undefined' || !currentNode || xxcurrentView !== view) return;
    clearInterval(looking);
    button.click();
  }, 4);
})
