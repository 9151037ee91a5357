// Brings the page to its node, keeps it there, and connects it: once by itself, and again when the console asks.
(function (page) {
  'use strict';
  const ANSWERS = 30; // how many seconds an agent that has come back is waited for
  const NODES_ARRIVED = 64; // mainUpdate's flag for the map: only the handler of the list of nodes sets it

  let wanted = true; // a connection was asked for and has not begun
  let careful = false; // the agent was away or a connection was lost: it may not take a new one yet
  let reportedOnline = null;
  let preparing = false; // gotoDevice sets up the view only at its end, and calls mainUpdate before
  let stopAsking = () => {};
  page.departures = 0; // how often the agent went away

  const ready = () => !preparing && typeof currentNode === 'object' && currentNode !== null &&
    xxcurrentView === page.view;
  page.online = () => ready() && (currentNode.conn & 1) !== 0;

  function noticed(online) {
    if (online === reportedOnline) return;
    page.report(reportedOnline === null ? { fact: 'ready', online: online } : { fact: 'agent', online: online });
    reportedOnline = online;
    page.there = true;
    if (!online) {
      careful = true;
      page.departures += 1;
    }
    page.changed();
  }

  function goOn() {
    if (!ready()) return;
    noticed(page.online());
    if (!wanted || !page.online() || page.tunnel() !== null) return;
    wanted = false;
    if (careful && page.canAsk()) stopAsking = page.askAgent(ANSWERS, press, askedInVain);
    else press();
  }

  // Away again: it goes on when the agent is back. Else its silence may mean anything: the connection will show.
  function askedInVain() {
    if (page.online()) press();
    else wanted = true;
  }

  // The page hears of its agent by this event; between two of them it may come to show neither.
  page.onMessage.push((message) => {
    const event = message.action === 'event' ? message.event : null;
    if (event && event.action === 'nodeconnect' && event.nodeid === page.node && reportedOnline !== null) {
      noticed((event.conn & 1) !== 0);
    }
    return false;
  });

  // The button is enabled a moment after the view is shown, or never when the account may not use this kind of session.
  function press(tries = page.settings.tries) {
    const button = page.element(page.kind.button);
    if (page.tunnel() !== null) return;
    if (!page.online()) wanted = true;
    else if (button && !button.disabled) button.click();
    else if (tries > 0) setTimeout(() => press(tries - 1), 10);
    else {
      page.stuck = true;
      page.report({ fact: 'unfamiliar', missing: 'an enabled #' + page.kind.button });
      page.changed();
    }
  }

  page.commands.connect = () => {
    if (page.byHand || page.tunnel() !== null) return;
    if (!page.alive) {
      page.lost();
      return;
    }
    // A dialog of the connection that has ended would keep MeshCentral from making another.
    if (typeof xxdialogMode !== 'undefined' && xxdialogMode && page.known('setDialogMode')) setDialogMode(0);
    stopAsking();
    page.stuck = false;
    wanted = careful = true;
    goOn();
  };
  page.commands.disconnect = () => {
    stopAsking();
    wanted = false;
    if (page.tunnel() === null || !page.known(page.kind.ends)) return;
    page.kind.end();
  };

  if (page.byHand) return;

  // Shift+Esc, the back button and a few others show another part of MeshCentral without any navigation. 0 is what it
  // shows when its own connection has ended: the last picture stays instead.
  const go = window.go;
  window.go = function (view) {
    if (Number(view) !== page.view) {
      if (xxcurrentView === page.view && Number(view) !== 0) page.report({ fact: 'left' });
      return undefined;
    }
    return go.apply(this, arguments);
  };
  const gotoDevice = window.gotoDevice;
  window.gotoDevice = function (id, view, refresh) {
    if (id !== page.node) {
      page.report({ fact: 'left' });
      return undefined;
    }
    preparing = true;
    try {
      return gotoDevice.call(this, id, refresh ? view : page.view, refresh);
    } finally {
      preparing = false;
    }
  };

  // MeshCentral waits 150 ms after the nodes have arrived before it shows the page that was asked for.
  const update = window.mainUpdate;
  window.mainUpdate = function (flags) {
    const result = update.apply(this, arguments);
    if (xxcurrentView === -1 && !preparing && Array.isArray(nodes)) {
      if (getNodeFromId(page.node)) window.gotoDevice(page.node, page.view);
      else if (flags & NODES_ARRIVED) page.report({ fact: 'node-missing' });
    }
    goOn();
    return result;
  };
  if (typeof xxcurrentView !== 'undefined' && xxcurrentView === page.view) goOn();
})
