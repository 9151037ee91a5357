// The clipboard of a desktop. MeshCentral's own option sends what is copied here, each second, but brings nothing
// back: so the other side's is fetched when something may have been copied there, once the hand is done with it. Each
// fetch stands in the server's log, which is why it is not done all the time.
(function (page) {
  'use strict';
  const SETTLE = 400; // ms from the keys to what they have copied
  const PAUSE = 2000; // ms between two fetches
  const why = {
    12: 'In a terminal, Ctrl+Shift+C copies the selection and Ctrl+Shift+V pastes.',
    13: 'Only where the screen is controlled.'
  };
  const settings = () => (typeof desktopsettings === 'object' ? desktopsettings : null);
  page.sharing = () => settings() !== null && settings().autoclipboard === true;
  page.features.clipboard = () => {
    if (page.view !== 11) return why[page.view];
    if (settings() === null) return page.without(['desktopsettings']);
    if (typeof navigator.clipboard !== 'object') return 'The page has no access to this computer’s clipboard.';
    if (page.forbids(0x1800)) return 'The MeshCentral server does not allow the clipboard.';
    return page.mayType();
  };
  page.commands.clipboard = (command) => {
    if (page.features.clipboard() || typeof command.on !== 'boolean') return;
    desktopsettings.autoclipboard = command.on;
    if (page.known('updateDesktopButtons') && page.nodeShown() !== null) updateDesktopButtons();
  };
  if (page.view !== 11) return;

  let touched = false; // since the last fetch
  let fetched = 0;
  function fetch() {
    if (!touched || !page.sharing() || !page.relayed() || !page.canAsk() || page.watching()) return;
    if (Date.now() - fetched < PAUSE) return;
    touched = false;
    fetched = Date.now();
    // MeshCentral's page puts the answer into this computer's clipboard.
    meshserver.send({ action: 'msg', type: 'getclip', nodeid: page.node, tag: 2 });
  }
  // What came from there is not sent back.
  page.onMessage.push((message) => {
    const answer = message.action === 'msg' && message.type === 'getclip' && message.tag === 2;
    if (answer && typeof message.data === 'string') window.deskLastClipboardSent = message.data;
    return false;
  });
  document.addEventListener('mousedown', () => { touched = true; }, true);
  document.addEventListener('keydown', (event) => {
    touched = true;
    const copies = (event.ctrlKey || event.metaKey) && ['c', 'x', 'insert'].includes(String(event.key).toLowerCase());
    if (copies) setTimeout(fetch, SETTLE);
  }, true);
  document.documentElement.addEventListener('mouseleave', fetch);
})
