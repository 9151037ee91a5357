// What the console asks (mesh/command.py). A command that is not known, not well formed or not possible changes
// nothing.
(function (page) {
  'use strict';
  const LONGEST = 1000000;

  document.addEventListener(page.settings.event + '-do', (event) => {
    const text = event.detail;
    if (typeof text !== 'string' || text.length > LONGEST) return;
    let command = null;
    try {
      command = JSON.parse(text);
    } catch (error) {
      return;
    }
    if (command === null || typeof command !== 'object' || !Object.hasOwn(page.commands, command.do)) return;
    page.commands[command.do](command);
    page.changed();
  });
})
