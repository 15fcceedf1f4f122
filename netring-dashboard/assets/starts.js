// Where a part of the page cannot be loaded there is nobody to say so but this: a script of its own, which needs no other.
(function () {
  function tell(event) {
    var late = document.getElementById('late');
    if (!late) return;
    late.className = 'late now';
    document.getElementById('late-why').textContent = event.message || 'A part of it could not be loaded.';
  }
  addEventListener('error', tell, true);
})();
