// SPDX-License-Identifier: MIT
// Begins the copy of the page that 'make report-check' opens: keeps what goes wrong.
window.problems = [];
addEventListener('error', e => problems.push('error: ' + e.message));
addEventListener('securitypolicyviolation',
  e => problems.push('forbidden: ' + e.violatedDirective + ' ' + e.blockedURI));
