// Keys that MeshCentral's page would take for itself, or sends in a way that leaves them held.
(function (page) {
  'use strict';

  // Shift+Esc would end the session before it shows the list. While the desktop takes the keys it goes to the machine.
  window.addEventListener('keyup', (event) => {
    const control = page.element('DeskControl');
    const sent = page.view === 11 && page.tunnel() !== null && control !== null && control.checked;
    if (event.key === 'Escape' && event.shiftKey && !sent) event.stopImmediatePropagation();
  }, true);

  // A terminal's usual key for copying. xterm.js takes it for Ctrl+C, which would end what runs there.
  window.addEventListener('keydown', (event) => {
    const copies = event.ctrlKey && event.shiftKey && !event.altKey && event.key.toLowerCase() === 'c';
    if (page.view !== 12 || !copies) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.execCommand('copy');
  }, true);

  // MeshCentral sends a key by its code while Ctrl or Alt is held and by its character otherwise, and judges the release
  // anew: whoever lets go of Ctrl first leaves the key held on the remote machine. Here a release is sent as its press was.
  page.onTunnel.push((tunnel, module) => {
    if (['xxKeyDown', 'xxKeyUp', 'SendKeyMsg', 'SendKeyUnicode'].some((name) => typeof module[name] !== 'function')) return;
    const pressed = new Map();
    const character = (event) => (typeof event.key === 'string' && event.key.length === 1 && !event.ctrlKey &&
      !event.altKey && !module.remoteKeyMap ? event.key : null);
    const down = module.xxKeyDown;
    module.xxKeyDown = function (event) {
      pressed.set(event.code, character(event));
      return down.apply(this, arguments);
    };
    const up = module.xxKeyUp;
    module.xxKeyUp = function (event) {
      const sent = pressed.get(event.code);
      pressed.delete(event.code);
      if (sent === undefined || sent === character(event) || module.State !== 3) return up.apply(this, arguments);
      if (sent === null) module.SendKeyMsg(module.KeyAction.UP, event);
      else module.SendKeyUnicode(module.KeyAction.UP, sent.charCodeAt(0));
      event.preventDefault();
      event.stopPropagation();
      return false;
    };
  });
})
