// MeshCentral's own bars: they are hidden, for the console has its own, and the picture, the terminal or the list of
// files fills the view. They stay where the page is not as expected, where it has to be connected by hand, and when
// asked for.
(function (page) {
  'use strict';
  const layouts = {
    11: {
      expected: ['#p11title', '#deskarea1', '#deskarea3x', '#deskarea4', '#DeskParent', '#Desk', 'deskAdjust'],
      rules: [
        '#p11title, #deskarea1, #deskarea4 { display: none !important; }',
        '#DeskFocus { display: none !important; }', // its button is in a bar; without it, it is a red dot in the corner
        '#deskarea3x { height: 100vh !important; max-height: 100vh !important; }',
        '#DeskParent[style*="scroll"] { overflow: auto !important; }'
      ]
    },
    12: {
      expected: ['#p12title', '#termTable', '#termarea3x', '#termarea3xdiv'],
      rules: [
        '#p12title, #termTable td.areaHead, #termTable td.areaFoot { display: none !important; }',
        '#termarea3x, #termarea3xdiv { height: 100vh !important; }',
        '.xterm .xterm-viewport { scrollbar-color: #666 #000; }'
      ]
    },
    // What selects, renames and deletes files stays; the row with Connect and the state goes.
    13: {
      expected: ['#p13title', '#p13toolbar', '#p13filetable', '#p13files'],
      rules: [
        '#p13title, #p13toolbar tr:has(#p13Connect) { display: none !important; }',
        '#p13:not([style*="none"]) { display: flex !important; flex-direction: column; height: 100vh; }',
        '#p13filetable { flex: 1; min-height: 0; height: auto !important; }'
      ]
    }
  };
  const layout = layouts[page.view];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(['html, body { overflow: hidden !important; }', ...layout.rules].join('\n'));

  page.strange = page.lacks(...layout.expected); // what the bars' place is not as expected by
  let asked = false; // whether they are to be shown although they could be hidden
  let shown = null;

  function settle() {
    const show = asked || page.byHand || page.stuck || page.strange.length > 0;
    if (show === shown) return;
    shown = show;
    const others = document.adoptedStyleSheets.filter((one) => one !== sheet);
    document.adoptedStyleSheets = show ? others : [...others, sheet];
    window.dispatchEvent(new Event('resize')); // MeshCentral fits picture and terminal to their place
    page.report({ fact: 'bars', shown: show, missing: page.strange.join(' ') });
  }
  settle();
  page.onChange.push(settle);
  page.features.bars = () => (page.byHand ? page.features.connect() : page.without(page.strange));
  page.commands.bars = (command) => {
    if (typeof command.on === 'boolean') asked = command.on;
  };
})
