// Runs in the page's own world, where MeshCentral's globals are. It brings MeshCentral's page to its node, connects it
// and reports what happens; it holds no channel to the application, only an event that the isolated world listens to.
// Read in MeshCentral 1.1.55, views/default.handlebars and public/scripts/agent-redir-ws. Everything is looked for before
// it is used: on a version without it the page's own buttons stay, and the report says what is missing.
(function (settings) {
  'use strict';

  let attempt = 0;

  function report(fact) {
    document.dispatchEvent(new CustomEvent(settings.event, { detail: JSON.stringify({ attempt: attempt, ...fact }) }));
  }

  const kinds = {
    11: { button: 'connectbutton1', running: () => desktop !== null && desktop !== undefined },
    12: { button: 'connectbutton2', running: () => terminal !== null && terminal !== undefined },
    13: { button: 'p13Connect', running: () => files !== null && files !== undefined }
  };
  const kind = kinds[settings.view];

  if (document.getElementById('loginpanel') || document.getElementById('tokenpanel')) {
    report({ fact: 'sign-in' });
    return;
  }

  const functions = ['mainUpdate', 'go', 'gotoDevice', 'getNodeFromId', 'CreateAgentRedirect'];
  const missing = functions.filter((name) => typeof window[name] !== 'function');
  if (!document.getElementById(kind.button)) missing.push('#' + kind.button);
  if (missing.length) {
    report({ fact: 'unfamiliar', missing: missing.join(' ') });
    return;
  }

  const node = 'node/' + (typeof domain === 'string' ? domain : '') + '/' + settings.node;
  let asked = false;
  let reportedOnline = null;
  let preparing = false; // gotoDevice sets up the view only at its end, and calls mainUpdate before

  function connect() {
    if (asked || preparing || currentNode === null || currentNode === undefined || xxcurrentView !== settings.view) return;
    const online = isOnline();
    const returned = reportedOnline === false;
    if (online !== reportedOnline) report({ fact: 'ready', online: online });
    reportedOnline = online;
    if (!online || kind.running()) return;
    asked = true;
    if (returned && typeof meshserver.onMessage === 'function') whenAwake(ANSWERS, () => press(settings.tries));
    else press(settings.tries);
  }

  function isOnline() {
    return (currentNode.conn & 1) !== 0;
  }

  // An agent that comes back is listed some time before it takes connections, and what it is sent until then is lost.
  // So it is asked for something small, as the page itself asks, until it answers or the tries (seconds) are used up.
  const ANSWERS = 30;
  const probe = settings.event + '-awake';
  let answered = null;
  function whenAwake(tries, then) {
    if (answered === null) {
      const receive = meshserver.onMessage;
      meshserver.onMessage = function (server, message) {
        if (message.tag !== probe) return receive.apply(this, arguments);
        answered();
        return undefined;
      };
    }
    if (!isOnline()) {
      asked = false;
      return;
    }
    const later = setTimeout(() => (tries > 0 ? whenAwake(tries - 1, then) : then()), 1000);
    answered = () => {
      clearTimeout(later);
      answered = () => {};
      then();
    };
    meshserver.send({ action: 'msg', type: 'userSessions', nodeid: node, tag: probe });
  }

  // The button is enabled a moment after the view is shown, or never when the account may not use this kind of session.
  function press(tries) {
    const button = document.getElementById(kind.button);
    if (!button.disabled) button.click();
    else if (tries > 0) setTimeout(() => press(tries - 1), 10);
    else report({ fact: 'unfamiliar', missing: 'an enabled #' + kind.button });
  }

  // Shift+Esc, the back button and a few others show another part of MeshCentral without any navigation.
  const go = window.go;
  window.go = function (view) {
    if (Number(view) !== settings.view) {
      if (xxcurrentView === settings.view) report({ fact: 'left' });
      return undefined;
    }
    return go.apply(this, arguments);
  };
  const gotoDevice = window.gotoDevice;
  window.gotoDevice = function (id, view, refresh) {
    if (id !== node) {
      report({ fact: 'left' });
      return undefined;
    }
    preparing = true;
    try {
      return gotoDevice.call(this, id, refresh ? view : settings.view, refresh);
    } finally {
      preparing = false;
    }
  };

  // Shift+Esc would end the session before it shows the list. While the desktop takes the keys it goes to the machine.
  window.addEventListener('keyup', (event) => {
    const control = document.getElementById('DeskControl');
    const sent = settings.view === 11 && kind.running() && control !== null && control.checked;
    if (event.key === 'Escape' && event.shiftKey && !sent) event.stopImmediatePropagation();
  }, true);

  // A terminal's usual key for copying. xterm.js takes it for Ctrl+C, which would end what runs there.
  window.addEventListener('keydown', (event) => {
    const copies = event.ctrlKey && event.shiftKey && !event.altKey && event.key.toLowerCase() === 'c';
    if (settings.view !== 12 || !copies) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.execCommand('copy');
  }, true);

  // MeshCentral waits 150 ms after the nodes have arrived before it shows the page that was asked for.
  const NODES_ARRIVED = 64; // the map's flag: only the handler of the list of nodes sets it
  const update = window.mainUpdate;
  window.mainUpdate = function (flags) {
    const result = update.apply(this, arguments);
    if (xxcurrentView === -1 && !preparing && Array.isArray(nodes)) {
      if (getNodeFromId(node)) window.gotoDevice(node, settings.view);
      else if (flags & NODES_ARRIVED) report({ fact: 'node-missing' });
    }
    connect();
    return result;
  };

  // The page's own margins are for a browser window.
  const column = document.getElementById('column_l');
  if (column) column.style.padding = '0';

  // The page of Intel AMT is kept out by the containment. gotoDevice calls into its frame and would stop half-way.
  const frame = document.getElementById('p14iframe');
  if (frame) {
    const empty = document.createElement('iframe');
    empty.id = frame.id;
    frame.replaceWith(empty);
    const nothing = () => null;
    ['getCurrentMeshNode', 'disconnect', 'setConnectionState', 'setFrameHeight', 'setAuthCallback']
      .forEach((name) => { empty.contentWindow[name] = nothing; });
  }

  // MeshCentral sends a key by its code while Ctrl or Alt is held and by its character otherwise, and judges the release
  // anew: whoever lets go of Ctrl first leaves the key held on the remote machine. Here a release is sent as its press was.
  function pairKeys(module) {
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
  }

  // One object per connection, for all three kinds.
  const create = window.CreateAgentRedirect;
  window.CreateAgentRedirect = function (server, module) {
    const tunnel = create.apply(this, arguments);
    attempt += 1;
    const mine = attempt;
    const change = tunnel.xxStateChange;
    tunnel.xxStateChange = function (state) {
      const changed = tunnel.State !== state;
      if (changed) report({ fact: 'state', state: state, attempt: mine });
      return change.apply(this, arguments);
    };
    const message = tunnel.setConsoleMessage;
    if (typeof message === 'function') {
      tunnel.setConsoleMessage = function (text, id) {
        report({ fact: 'message', id: typeof id === 'number' ? id : null, text: text ? String(text).slice(0, 300) : null, attempt: mine });
        return message.apply(this, arguments);
      };
    }
    // Desktop: command 3 is a tile. The others: whatever the agent sends first.
    pairKeys(module);
    watchFirst(module, 'ProcessBinaryCommand', (command) => command === 3);
    watchFirst(module, 'ProcessBinaryData', () => true);
    watchFirst(module, 'ProcessData', () => true);
    return tunnel;

    function watchFirst(target, name, wanted) {
      const process = target[name];
      if (typeof process !== 'function') return;
      target[name] = function (first) {
        if (wanted(first)) {
          target[name] = process;
          report({ fact: 'data', attempt: mine });
        }
        return process.apply(this, arguments);
      };
    }
  };

  if (xxcurrentView === settings.view) connect();

  // MeshCentral starts on the load event, which waits for some sixty pictures; all its scripts are there now.
  const start = window.startup;
  if (document.readyState === 'interactive' && typeof start === 'function') {
    window.startup = () => {};
    start();
  }
})
