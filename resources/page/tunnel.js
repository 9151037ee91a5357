// Each connection to the agent, for all three kinds: its states, the agent's messages, the first data, and its end.
(function (page) {
  'use strict';
  const PAUSE = 700; // ms: MeshCentral tells of an agent that went away a moment after its connections have ended
  const ANSWERS = 5;

  if (!page.known('CreateAgentRedirect')) return;
  const create = window.CreateAgentRedirect;
  window.CreateAgentRedirect = function (server, module) {
    const tunnel = create.apply(this, arguments);
    page.attempt += 1;
    page.stuck = false;
    follow(tunnel, module, page.attempt);
    return tunnel;
  };

  function follow(tunnel, module, mine) {
    let reached = 0;
    let stopped = false; // from here, by the page: it stops a connection that it has lost with the argument 1
    const stop = tunnel.Stop;
    if (typeof stop === 'function') {
      tunnel.Stop = function (lost) {
        if (tunnel.State !== 0 && lost !== 1) stopped = true;
        return stop.apply(this, arguments);
      };
    }
    const change = tunnel.xxStateChange;
    tunnel.xxStateChange = function (state) {
      const changed = tunnel.State !== state;
      if (changed) page.report({ fact: 'state', state: state, attempt: mine });
      reached = Math.max(reached, state);
      const result = change.apply(this, arguments);
      if (changed) {
        if (state === 0 && reached === 3 && !stopped) ended(mine);
        page.changed();
      }
      return result;
    };
    const message = tunnel.setConsoleMessage;
    if (typeof message === 'function') {
      tunnel.setConsoleMessage = function (text, id) {
        page.report({
          fact: 'message', id: typeof id === 'number' ? id : null, text: text ? String(text).slice(0, 300) : null,
          attempt: mine
        });
        return message.apply(this, arguments);
      };
    }
    page.onTunnel.forEach((part) => part(tunnel, module, mine));
    // Desktop: command 3 is a tile. The others: whatever the agent sends first.
    watchFirst(module, 'ProcessBinaryCommand', (command) => command === 3, mine);
    watchFirst(module, 'ProcessBinaryData', () => true, mine);
    watchFirst(module, 'ProcessData', () => true, mine);
  }

  function watchFirst(target, name, wanted, mine) {
    const process = target[name];
    if (typeof process !== 'function') return;
    target[name] = function (first) {
      if (!wanted(first)) return process.apply(this, arguments);
      target[name] = process;
      page.report({ fact: 'data', attempt: mine });
      const result = process.apply(this, arguments);
      page.changed();
      return result;
    };
  }

  // The connection has ended. If the agent has not gone meanwhile and answers, something there has ended it: the shell
  // that ran in it, or the remote user.
  function ended(mine) {
    const departures = page.departures;
    setTimeout(() => {
      if (page.attempt !== mine || page.departures !== departures || !page.canAsk()) return;
      page.askAgent(ANSWERS, () => {
        if (page.attempt !== mine || page.departures !== departures) return;
        page.report({ fact: 'awake', attempt: mine });
      }, () => {});
    }, PAUSE);
  }
})
