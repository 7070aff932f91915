# zlib's inflate, from Debian's source package: reads a gzip initramfs. Z_SOLO means no libc beneath.
ZLIB_FILES := inflate inftrees inffast adler32 crc32
ZLIB_DEFINES := -DZ_SOLO -DZ_PREFIX -DHAVE_MEMCPY -include string.h

$(ZLIB)/ok: rootfs/deps/fetch-source build/deps/build.ok
	$(call say,FETCH,$(ZLIB))
	$(Q)rootfs/deps/fetch-source zlib $(ZLIB) && tar -C $(ZLIB) --strip-components=1 -xf $(ZLIB)/zlib_*.orig.tar.* && touch $@

$(ZLIB_FILES:%=$(OUT)/zlib/%.o): $(OUT)/zlib/%.o: $(ZLIB)/ok $(HEADERS)/ok $(OUT)/flags rootfs/toolchain/zlib.mk
	$(call say,CC,zlib/$*.c)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_CFLAGS) $(ZLIB_DEFINES) -c $(ZLIB)/$*.c -o $@
