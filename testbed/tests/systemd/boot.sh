#!/bin/sh
# Starts a systemd as the first process of namespaces that were made for it, with the units of netring and next to nothing
# else. Of the host it sees programs and libraries; whatever it writes goes to memory, and is gone with it.
#
# STAGE is a folder with `units` and `netring`, which stands in for /etc/netring. MEMBER and REGISTRY are the binaries.
set -eu

mount --make-rprivate /
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup

mount -t tmpfs tmpfs /usr/local/bin
for binary in "$MEMBER" "$REGISTRY"; do
    touch "/usr/local/bin/$(basename "$binary")"
    mount --bind "$binary" "/usr/local/bin/$(basename "$binary")"
done
mount --bind "$STAGE/units" /usr/lib/systemd/system

# A copy: the configuration belongs to root, and to nobody else.
mkdir -p "$STAGE/etc"
cp -r /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts /etc/ld.so.* "$STAGE/etc"
cp -r "$STAGE/netring" "$STAGE/etc"
chown -R 0:0 "$STAGE/etc"
chmod 0600 "$STAGE"/etc/netring/*
mkdir -p "$STAGE/etc/systemd/system"
printf '[Manager]\nLogTarget=null\nShowStatus=no\n' >"$STAGE/etc/systemd/system.conf"
uname -n >"$STAGE/etc/hostname"
echo 7fd8f1c0a4c24b6c8e0f0d5f5a3a9d11 >"$STAGE/etc/machine-id"
mount --bind "$STAGE/etc" /etc

mount -t tmpfs tmpfs /var/lib
mount -t tmpfs -o mode=0755 tmpfs /run
ip link set dev lo up
# What a unit may read of its credentials is mounted for it, and comes to it from here.
mount --make-rshared /
exec env -i container=netring PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=boot.target
