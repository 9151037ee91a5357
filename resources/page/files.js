// What is asked anew, and the folder that a files session shows.
(function (page) {
  'use strict';
  const LONGEST = 2000;
  page.features.refresh = () => {
    if (page.view === 12) return 'A terminal cannot be asked for its picture anew.';
    if (!page.relayed()) return page.offline;
    if (page.view === 13) return page.without(page.lacks('p13folderup'));
    return typeof page.tunnel().m.SendRefresh === 'function' ? '' : page.without(['SendRefresh']);
  };
  page.commands.refresh = () => {
    if (page.features.refresh()) return;
    if (page.view === 13) p13folderup(9999); // MeshCentral's own button: as many levels up as there are none
    else page.tunnel().m.SendRefresh();
  };
  if (page.view !== 13) return;

  // MeshCentral drops the slash that a path of other systems than Windows begins with, and the agent then adds it.
  let last = null;
  function folder() {
    if (typeof p13filetreelocation === 'undefined' || !Array.isArray(p13filetreelocation)) return;
    const windows = page.known('isWindowsNode') && isWindowsNode(currentNode);
    const joined = p13filetreelocation.join('/');
    const path = !windows ? '/' + joined : p13filetreelocation.length === 1 ? joined + '/' : joined;
    if (path === last || path.length > LONGEST) return;
    last = path;
    page.report({ fact: 'folder', path: path });
  }
  page.onTunnel.push(() => { last = null; });
  if (page.known('p13updateFiles')) {
    const update = window.p13updateFiles;
    window.p13updateFiles = function () {
      const result = update.apply(this, arguments);
      folder();
      return result;
    };
  }

  // Its dialog would ask for files with a button that asks for files; the console's own is opened at once.
  if (page.known('p13uploadFile')) {
    const upload = window.p13uploadFile;
    window.p13uploadFile = function () {
      if (page.byHand || page.strange.length > 0) return upload.apply(this, arguments);
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.click();
      return undefined;
    };
  }
})
