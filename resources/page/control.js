// The page's own connection to MeshCentral. Without it nothing is heard of the agent and nothing can be connected, so
// the console hears of its end. MeshCentral would load the page anew by itself once the server answers; the console
// does that.
(function (page) {
  'use strict';
  const PING = 10000;
  const SILENCE = 15000; // after a ping: 25 s without a byte at most
  const LAST_CHANCE = 2000; // a page that was busy or asleep gets to read what has come in the meantime

  page.alive = false;
  function say(alive) {
    if (alive === page.alive) return;
    page.alive = alive;
    page.report({ fact: 'control', alive: alive });
    page.changed();
  }
  page.lost = () => page.report({ fact: 'control', alive: false });

  if (page.known('serverPoll')) window.serverPoll = () => {};
  if (!page.known('MeshServerCreateControl')) return;
  const create = window.MeshServerCreateControl;
  window.MeshServerCreateControl = function () {
    const socket = create.apply(this, arguments);
    watch(socket);
    return socket;
  };

  function watch(socket) {
    let asked = null; // when the ping was sent that nothing has followed
    let confirming = false; // whether the console waits for the next message
    let passed = false; // whether the page sees MeshCentral's messages through us
    const receive = socket.xxOnMessage;
    socket.xxOnMessage = function () {
      asked = null;
      say(true);
      if (confirming) {
        confirming = false;
        page.report({ fact: 'control', alive: true });
      }
      return receive.apply(this, arguments);
    };

    const change = socket.xxStateChange;
    socket.xxStateChange = function (state) {
      if (!passed && typeof socket.onMessage === 'function') {
        passed = true;
        const handle = socket.onMessage;
        socket.onMessage = function (server, message) {
          if (page.onMessage.filter((part) => part(message)).length) return undefined;
          return handle.apply(this, arguments);
        };
      }
      if (state === 0) {
        clearInterval(ticking);
        say(false);
      }
      return change.apply(this, arguments);
    };

    page.commands.confirm = () => {
      if (socket.State !== 2) {
        page.lost();
        return;
      }
      confirming = true;
      socket.send({ action: 'ping' });
    };

    const ticking = setInterval(() => {
      if (socket.State !== 2) return;
      if (asked === null) {
        asked = Date.now();
        socket.send({ action: 'ping' });
      } else if (Date.now() - asked >= SILENCE) {
        setTimeout(() => { if (asked !== null) say(false); }, LAST_CHANCE);
      }
    }, PING / 2);
  }
})
