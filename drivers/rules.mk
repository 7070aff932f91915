# Registers of real devices: not pure.
HOST_EXCLUDE += drivers/tty/serial/%
