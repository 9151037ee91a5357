// Keys and texts that the console sends: on a desktop as MeshCentral's viewer sends a key, in a terminal as if they
// had been pressed there.
(function (page) {
  'use strict';
  const CODES = {
    ctrl: 17, alt: 18, shift: 16, win: 91, tab: 9, escape: 27, enter: 13, delete: 46, insert: 45, home: 36, end: 35,
    pageup: 33, pagedown: 34, left: 37, up: 38, right: 39, down: 40, print: 44, space: 32, backspace: 8
  };
  const NAMES = {
    ctrl: 'Control', alt: 'Alt', shift: 'Shift', tab: 'Tab', escape: 'Escape', enter: 'Enter', delete: 'Delete',
    insert: 'Insert', home: 'Home', end: 'End', pageup: 'PageUp', pagedown: 'PageDown', left: 'ArrowLeft',
    up: 'ArrowUp', right: 'ArrowRight', down: 'ArrowDown', print: 'PrintScreen', space: ' ', backspace: 'Backspace'
  };
  const MODIFIERS = ['ctrl', 'alt', 'shift', 'win'];
  // Keys that Windows tells from their twins on the number pad by a flag.
  const EXTENDED = [
    'win', 'delete', 'insert', 'home', 'end', 'pageup', 'pagedown', 'left', 'up', 'right', 'down', 'print'
  ];
  const LONGEST = 100000;
  const BATCH = { 11: 1, 12: 256 };
  const PAUSE = { 11: 12, 12: 15 }; // ms between two batches

  function code(key) {
    if (Object.hasOwn(CODES, key)) return CODES[key];
    if (/^f([1-9]|1[0-2])$/.test(key)) return 111 + Number(key.slice(1));
    return /^[a-z0-9]$/.test(key) ? key.toUpperCase().charCodeAt(0) : null;
  }

  const viewer = () => (page.relayed() ? page.tunnel().m : null);
  const lacks = (...names) => page.without(names.filter((name) => typeof viewer()[name] !== 'function'));
  const looking = () => (
    page.mayType() || (page.watching() ? 'Only looking: keys are kept from the remote machine.' : '')
  );
  const shell = () => {
    if (typeof xterm !== 'object' || xterm === null || !xterm.textarea) return page.without(['xterm']);
    return typeof page.tunnel().sendText === 'function' ? '' : page.without(['sendText']);
  };
  page.features.keys = () => {
    if (page.view === 13) return 'A files session takes no keys for the remote machine.';
    if (!page.relayed()) return page.offline;
    return page.view === 12 ? shell() : lacks('SendKeyMsgKC', 'sendcad') || looking();
  };
  page.features.type = () => {
    if (page.view === 13) return page.features.keys();
    if (!page.relayed()) return page.offline;
    return page.view === 12 ? shell() : lacks('SendKeyMsgKC', 'SendStringUnicode') || looking();
  };

  page.commands.keys = (command) => {
    const keys = command.keys;
    if (page.features.keys() || !Array.isArray(keys) || keys.length === 0 || keys.length > 6) return;
    if (keys.some((key) => typeof key !== 'string' || code(key) === null)) return;
    if (page.view === 12) pressInTerminal(keys);
    else press(keys);
  };

  function press(keys) {
    const module = viewer();
    // Windows takes this combination from no program. MeshCentral's agents elsewhere drop the message: they get the
    // keys.
    const attention = keys.length === 3 && ['ctrl', 'alt', 'delete'].every((key) => keys.includes(key));
    if (attention && module.UseExtendedKeyFlag) {
      module.sendcad();
      return;
    }
    const { DOWN, UP } = module.KeyAction;
    const down = [];
    try {
      for (const key of keys) {
        down.unshift(key);
        send(module, key, DOWN);
      }
    } finally {
      down.forEach((key) => send(module, key, UP));
    }
  }
  function send(module, key, action) {
    module.SendKeyMsgKC(action, code(key), module.UseExtendedKeyFlag && EXTENDED.includes(key));
  }

  // xterm.js knows what a key means to the program that runs.
  function pressInTerminal(keys) {
    const held = { ctrlKey: keys.includes('ctrl'), altKey: keys.includes('alt'), shiftKey: keys.includes('shift') };
    for (const key of keys.filter((one) => !MODIFIERS.includes(one))) {
      const letter = held.shiftKey ? key.toUpperCase() : key;
      if (key.length === 1 && !held.ctrlKey && !held.altKey) page.tunnel().sendText(letter);
      else if (key === 'space' && !held.ctrlKey && !held.altKey) page.tunnel().sendText(' ');
      else {
        const name = Object.hasOwn(NAMES, key) ? NAMES[key] : key.length === 1 ? letter : key.toUpperCase();
        const fact = { key: name, keyCode: code(key), bubbles: true, cancelable: true, ...held };
        xterm.textarea.dispatchEvent(new KeyboardEvent('keydown', fact));
        xterm.textarea.dispatchEvent(new KeyboardEvent('keyup', fact));
      }
    }
  }

  // A text goes a little at a time, so that looking only and the end of the connection can stop it.
  let waiting = [];
  let typing = null; // the connection that is typed into
  page.commands.type = (command) => {
    const text = command.text;
    if (page.features.type() || typeof text !== 'string' || text.length > LONGEST) return;
    const ends = text.replace(/\r\n?/g, '\n');
    if (typing !== page.tunnel()) waiting = [];
    const idle = waiting.length === 0;
    waiting.push(...ends);
    typing = page.tunnel();
    if (idle) typeOn();
  };
  function typeOn() {
    if (typing === null || typing !== page.tunnel() || page.features.type()) {
      waiting = [];
      return;
    }
    const batch = waiting.splice(0, BATCH[page.view]);
    if (page.view === 12) page.tunnel().sendText(batch.join('').replace(/\n/g, '\r'));
    else batch.forEach(typeCharacter);
    if (waiting.length) setTimeout(typeOn, PAUSE[page.view]);
  }
  function typeCharacter(character) {
    const module = viewer();
    if (character === '\n') press(['enter']);
    else if (character === '\t') press(['tab']);
    // Where the technician has chosen the remote keyboard's layout, MeshCentral types by keys and not by characters.
    else if (module.remoteKeyMap && page.known('showDeskTypeEx')) showDeskTypeEx(character);
    else module.SendStringUnicode(character);
  }
})
