// The remote desktop: its displays, how its picture is sent and shown, and whether hand and clipboard reach it. None
// of it is written to what MeshCentral keeps for the account: it is the session's.
(function (page) {
  'use strict';
  if (page.view !== 11) {
    const elsewhere = () => 'Only where the screen is controlled.';
    for (const name of ['displays', 'picture', 'scaling', 'scale', 'view-only']) page.features[name] = elsewhere;
    page.features.screenshot = () => '';
    return;
  }
  const ALL = 1024; // MeshCentral's scaling of the full size
  const MODEST = 60; // the best quality where the server allows no better (features, 512)
  const FIT = 0;
  const PIXELS = 1;
  const whole = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;
  const viewer = () => (page.relayed() ? page.tunnel().m : null);
  const lacks = (...names) => (viewer() ? names.filter((name) => typeof viewer()[name] !== 'function') : []);
  const settings = () => (typeof desktopsettings === 'object' && desktopsettings !== null ? desktopsettings : null);
  // Why a function of MeshCentral's viewer cannot be used, '' when it can.
  const why = (...names) => (viewer() === null ? page.offline : page.without(lacks(...names)));

  // MeshCentral's rights of the account at the node: 8 remote control, 256 to look only, 4096 few keys only.
  page.mayType = () => {
    if (!page.known('GetNodeRights') || page.nodeShown() === null) return '';
    const rights = GetNodeRights(page.nodeShown());
    const server = page.forbids(0x2000);
    const account = rights !== 0xFFFFFFFF && ((rights & 8) === 0 || (rights & 256) !== 0);
    return server || account ? 'Your account on MeshCentral may only look at this agent.' : '';
  };

  // Displays: the agent answers with their list (11), and with the one it shows (12).
  let displays = [];
  let display = 0;
  function listed(module) {
    if (typeof module.displays !== 'object' || module.displays === null) return;
    displays = Object.entries(module.displays).slice(0, 32)
      .map(([id, name]) => ({ id: Number(id), name: String(name).slice(0, 60) }));
    show(Number(module.selectedDisplay));
  }
  function show(id) {
    display = Number.isInteger(id) && id >= 0 ? id : 0;
    page.report({ fact: 'displays', displays: displays, shown: display });
    page.changed();
  }
  page.onTunnel.push((tunnel, module) => {
    displays = [];
    if (typeof module.ProcessBinaryCommand !== 'function') return;
    const process = module.ProcessBinaryCommand;
    module.ProcessBinaryCommand = function (command, size, data) {
      const result = process.apply(this, arguments);
      if (command === 11) listed(module);
      else if (command === 12 && data && data.length >= 6) show((data[4] << 8) + data[5]);
      return result;
    };
  });
  page.features.displays = () => why('SetDisplay') || (displays.length > 1 ? '' : 'The agent has one display.');
  page.commands.display = (command) => {
    if (page.features.displays() || !displays.some((one) => one.id === command.id)) return;
    viewer().SetDisplay(command.id);
    if (lacks('GetDisplayNumbers').length === 0) viewer().GetDisplayNumbers();
  };

  // The picture.
  page.features.picture = () => (
    settings() === null ? page.without(['desktopsettings']) : why('SendCompressionLevel', 'SendRefresh')
  );
  page.features.scaling = () => {
    const node = page.nodeShown();
    const is = (name) => node !== null && page.known(name) && window[name](node);
    const known = is('isWindowsNode') || is('isMacNode');
    return page.features.picture() || (known ? '' : 'Agents on Linux send their picture in its full size only.');
  };
  page.commands.picture = (command) => {
    const { quality, milliseconds } = command;
    const scaling = page.features.scaling() ? 100 : command.scaling;
    if (page.features.picture()) return;
    if (!whole(quality, 1, 100) || !whole(scaling, 10, 100) || !whole(milliseconds, 20, 5000)) return;
    const best = typeof features === 'number' && (features & 512) === 0 ? MODEST : 100;
    const chosen = settings();
    chosen.quality = Math.min(quality, best);
    chosen.scaling = Math.round(scaling * ALL / 100);
    chosen.framerate = milliseconds;
    viewer().SendCompressionLevel(viewer().ImageType, chosen.quality, chosen.scaling, chosen.framerate);
    viewer().SendRefresh();
  };

  // Its size here: fitted into the view, or pixel for pixel with scroll bars.
  page.features.scale = () => (
    typeof deskAspectRatio === 'undefined' ? page.without(['deskAspectRatio'])
      : page.without(page.lacks('deskAdjust', '#Desk', '#DeskParent'))
  );
  page.commands.scale = (command) => {
    if (page.features.scale() || typeof command.fit !== 'boolean') return;
    window.deskAspectRatio = command.fit ? FIT : PIXELS;
    deskAdjust();
    deskAdjust(); // the first may have taken scroll bars away
  };

  // Looking only. MeshCentral sets its check box from what it has stored each time its buttons change.
  let viewOnly = null; // null: as MeshCentral has it stored
  page.watching = () => {
    const control = page.element('DeskControl');
    return control !== null && !control.checked;
  };
  if (page.known('getstore')) {
    const stored = window.getstore;
    window.getstore = function (name) {
      if (name === 'DeskControl' && viewOnly !== null) return viewOnly ? '0' : '1';
      return stored.apply(this, arguments);
    };
  }
  page.features['view-only'] = () => page.without(page.lacks('#DeskControl', 'getstore')) || page.mayType();
  page.commands['view-only'] = (command) => {
    if (page.features['view-only']() || typeof command.on !== 'boolean') return;
    if (command.on) window.dispatchEvent(new Event('blur')); // whatever is pressed is let go, as when the focus goes
    viewOnly = command.on;
    page.element('DeskControl').checked = !command.on;
  };
  document.addEventListener('change', (event) => {
    if (event.target.id === 'DeskControl' && viewOnly !== null) viewOnly = !event.target.checked;
    setTimeout(page.changed, 0);
  });

  page.features.screenshot = () => {
    if (page.forbids(0x400)) return 'The MeshCentral server does not allow pictures of the desktop.';
    return viewer() === null ? page.offline : page.without(page.lacks('#Desk'));
  };

  let last = '';
  page.onChange.push(() => {
    const source = viewer() || { CompressionLevel: 0 };
    const chosen = settings() || {};
    const number = (...values) => Math.max(0, Math.round(Number(values.find((value) => Number(value) > 0)) || 0));
    const fact = {
      fact: 'picture',
      quality: number(source.CompressionLevel, chosen.quality),
      scaling: Math.round(number(source.ScalingLevel, chosen.scaling) * 100 / ALL),
      milliseconds: number(source.FrameRateTimer, chosen.framerate),
      fit: typeof deskAspectRatio === 'undefined' || deskAspectRatio !== PIXELS,
      view_only: page.watching(),
      clipboard: page.sharing()
    };
    const now = JSON.stringify(fact);
    if (!page.there || now === last) return;
    last = now;
    page.report(fact);
  });
  document.addEventListener('click', () => setTimeout(page.changed, 0)); // MeshCentral's own buttons change it too
})
