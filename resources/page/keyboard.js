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

  // What the connection there is has pressed on the remote machine: a key's code → the event, and the character sent.
  let held = new Map();
  let release = () => {};

  // MeshCentral sends a key by its code while Ctrl or Alt is held and by its character otherwise, and judges the
  // release anew: whoever lets go of Ctrl first leaves the key held on the remote machine. Here a release is sent as
  // its press was.
  page.onTunnel.push((tunnel, module) => {
    const names = ['xxKeyDown', 'xxKeyUp', 'SendKeyMsg', 'SendKeyUnicode'];
    if (names.some((name) => typeof module[name] !== 'function')) return;
    const pressed = new Map();
    held = pressed;
    release = (sent) => {
      if (sent.character === null) module.SendKeyMsg(module.KeyAction.UP, sent.event);
      else module.SendKeyUnicode(module.KeyAction.UP, sent.character.charCodeAt(0));
    };
    const character = (event) => (typeof event.key === 'string' && event.key.length === 1 && !event.ctrlKey &&
      !event.altKey && !module.remoteKeyMap ? event.key : null);
    const down = module.xxKeyDown;
    module.xxKeyDown = function (event) {
      pressed.set(event.code, { event: event, character: character(event) });
      return down.apply(this, arguments);
    };
    const up = module.xxKeyUp;
    module.xxKeyUp = function (event) {
      const sent = pressed.get(event.code);
      pressed.delete(event.code);
      const same = sent && sent.character === character(event) && sent.event.keyCode === event.keyCode;
      if (!sent || same || module.State !== 3) return up.apply(this, arguments);
      release(sent);
      event.preventDefault();
      event.stopPropagation();
      return false;
    };
  });

  // MeshCentral lets go of its keys then, but forgets on which side of the keyboard a key was.
  window.addEventListener('blur', () => {
    held.forEach((sent) => release(sent));
    held.clear();
  });

  // A window manager may keep the release of a modifier to itself, without taking the focus. Win is left out: on
  // Windows the console takes it before it counts as held, so that no event says that it is.
  const watched = ['Alt', 'Control', 'Shift'];
  function letGoUnseen(event) {
    held.forEach((sent, code) => {
      if (code === event.code || !watched.includes(sent.event.key) || event.getModifierState(sent.event.key)) return;
      held.delete(code);
      release(sent);
    });
  }
  ['keydown', 'mousemove', 'mousedown'].forEach((name) => window.addEventListener(name, letGoUnseen, true));
})
