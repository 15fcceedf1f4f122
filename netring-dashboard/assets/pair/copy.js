// Puts text into the clipboard.

/** Whether it was done. Over plain HTTP there is no clipboard to write to, but the browser still copies what is selected. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden';
  document.body.append(area);
  area.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    // Then it cannot.
  }
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}
