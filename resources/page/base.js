// The session's script runs in the page's own world, where MeshCentral's globals are. It brings MeshCentral's page to
// its node, connects it, carries out what the console asks and reports what happens; it holds no channel to the
// application, only two events that the isolated world sends and listens to. Read in MeshCentral 1.1.55,
// views/default.handlebars and public/scripts. Everything is looked for before it is used: on a version without it
// the page's own buttons stay, and the reports say what is missing.
//
// The files of this folder that mesh/web/bridge.py lists run in one function, one after the other, and share one
// object: `page`. One that answers false ends it. This one has what all the others need.
(function (page) {
  'use strict';

  page.attempt = 0; // counts the connections of this page
  page.report = (fact) => {
    document.dispatchEvent(new CustomEvent(page.settings.event, {
      detail: JSON.stringify({ attempt: page.attempt, ...fact })
    }));
  };

  // What a server or a proxy shows together with an error is no page of MeshCentral's: loading it has failed.
  const loaded = performance.getEntriesByType('navigation')[0];
  if (loaded && loaded.responseStatus >= 400) return false;

  if (document.getElementById('loginpanel') || document.getElementById('tokenpanel')) {
    page.report({ fact: 'sign-in' });
    return false;
  }

  const kinds = {
    11: {
      name: 'desktop', button: 'connectbutton1', end: () => connectDesktop(null, 0), ends: 'connectDesktop',
      tunnel: () => (typeof desktop === 'undefined' ? null : desktop)
    },
    12: {
      name: 'terminal', button: 'connectbutton2', end: () => connectTerminal(), ends: 'connectTerminal',
      tunnel: () => (typeof terminal === 'undefined' ? null : terminal)
    },
    13: {
      name: 'files', button: 'p13Connect', end: () => connectFiles(), ends: 'connectFiles',
      tunnel: () => (typeof files === 'undefined' ? null : files)
    }
  };
  page.view = page.settings.view;
  page.kind = kinds[page.view];
  page.node = 'node/' + (typeof domain === 'string' ? domain : '') + '/' + page.settings.node;

  // The connection that there is, if any: MeshCentral's redirect, whose `m` is the viewer of its kind.
  page.tunnel = () => page.kind.tunnel() || null;
  page.relayed = () => page.tunnel() !== null && page.tunnel().State === 3;

  page.known = (name) => typeof window[name] === 'function';
  page.element = (id) => document.getElementById(id);
  // What of these the page lacks: names of functions, ids of elements with a # in front.
  page.lacks = (...names) => names.filter((name) => (
    name[0] === '#' ? !page.element(name.slice(1)) : !page.known(name)
  ));
  page.without = (names) => (names.length ? 'This version of MeshCentral’s page has no ' + names.join(', ') + '.' : '');

  // Where the other parts put what they add.
  page.commands = {}; // what a command is called → what carries it out
  page.features = {}; // a feature's name → a function that says why there is none, '' when there is
  page.onTunnel = []; // called with each new redirect, its viewer and its number, before it starts
  page.onMessage = []; // called with each message of MeshCentral; one that answers true keeps it from the page
  page.onChange = []; // called after whatever may change what was reported
  page.changed = () => page.onChange.forEach((part) => part());

  // The node that MeshCentral shows, if any, and whether the server forbids something (a bit of `features2`).
  page.nodeShown = () => (typeof currentNode === 'object' ? currentNode : null);
  page.forbids = (bit) => typeof features2 === 'number' && (features2 & bit) !== 0;

  page.offline = 'There is no connection to the agent.';
  page.stuck = false; // the button for connecting stayed disabled
  page.features.connect = () => page.without(page.lacks(...page.essential)) ||
    (page.stuck ? 'MeshCentral keeps its button for connecting disabled.' : '');
  page.essential = [
    'mainUpdate', 'go', 'gotoDevice', 'getNodeFromId', 'CreateAgentRedirect', 'MeshServerCreateControl',
    '#' + page.kind.button
  ];
  // Without one of these the technician connects with the page's own button.
  const missing = page.lacks(...page.essential);
  page.byHand = missing.length > 0;
  if (page.byHand) page.report({ fact: 'unfamiliar', missing: missing.join(' ') });
  return true;
})
