// SPDX-License-Identifier: BSD-2-Clause

extension Services {
  /// FreeBSD 8's /etc/services in its order: name, port, and a letter for each protocol.
  static let text = """
    tcpmux 1tu, compressnet 2tu, compressnet 3tu, rje 5tu, echo 7stu, discard 9stu, systat 11tu, \
    daytime 13stu, qotd 17tu, msp 18tu, chargen 19stu, ftp-data 20stu, ftp 21stu, ssh 22stu, \
    telnet 23tu, smtp 25tu, nsw-fe 27tu, msg-icp 29tu, msg-auth 31tu, dsp 33tu, time 37tu, \
    rap 38tu, rlp 39tu, graphics 41tu, nameserver 42tu, nicname 43tu, mpm-flags 44tu, mpm 45tu, \
    mpm-snd 46tu, ni-ftp 47tu, auditd 48tu, tacacs 49tu, re-mail-ck 50tu, la-maint 51tu, \
    xns-time 52tu, domain 53tu, xns-ch 54tu, isi-gl 55tu, xns-auth 56tu, xns-mail 58tu, \
    ni-mail 61tu, acas 62tu, whois++ 63tu, covia 64tu, tacacs-ds 65tu, sql*net 66tu, bootps 67tu, \
    bootpc 68tu, tftp 69tu, gopher 70tu, netrjs-1 71tu, netrjs-2 72tu, netrjs-3 73tu, \
    netrjs-4 74tu, deos 76tu, vettcp 78tu, finger 79tu, http 80stu, hosts2-ns 81tu, xfer 82tu, \
    mit-ml-dev 83tu, ctf 84tu, mit-ml-dev 85tu, mfcobol 86tu, kerberos-sec 88tu, su-mit-tg 89tu, \
    dnsix 90tu, mit-dov 91tu, npp 92tu, dcp 93tu, objcall 94tu, supdup 95tu, dixie 96tu, \
    swift-rvf 97tu, tacnews 98tu, metagram 99tu, newacct 100t, hostname 101tu, iso-tsap 102tu, \
    gppitnp 103tu, acr-nema 104tu, csnet-ns 105tu, pop3pw 106t, 3com-tsmux 106u, rtelnet 107tu, \
    snagas 108tu, pop2 109tu, pop3 110tu, sunrpc 111tu, mcidas 112tu, auth 113tu, sftp 115tu, \
    ansanotify 116tu, uucp-path 117tu, sqlserv 118tu, nntp 119tu, cfdptkt 120tu, erpc 121tu, \
    smakynet 122tu, ntp 123tu, ansatrader 124tu, locus-map 125tu, unitary 126tu, locus-con 127tu, \
    gss-xlicen 128tu, pwdgen 129tu, cisco-fna 130tu, cisco-tna 131tu, cisco-sys 132tu, \
    statsrv 133tu, ingres-net 134tu, loc-srv 135tu, profile 136tu, netbios-ns 137tu, \
    netbios-dgm 138tu, netbios-ssn 139tu, emfis-data 140tu, emfis-cntl 141tu, bl-idm 142tu, \
    imap 143tu, NeWS 144tu, uaac 145tu, iso-tp0 146tu, iso-ip 147tu, cronus 148tu, aed-512 149tu, \
    sql-net 150tu, hems 151tu, bftp 152tu, sgmp 153tu, netsc-prod 154tu, netsc-dev 155tu, \
    sqlsrv 156tu, knet-cmp 157tu, pcmail-srv 158tu, nss-routing 159tu, sgmp-traps 160tu, \
    snmp 161tu, snmptrap 162tu, cmip-man 163tu, cmip-agent 164t, smip-agent 164u, \
    xns-courier 165tu, s-net 166tu, namp 167tu, rsvd 168tu, send 169tu, print-srv 170tu, \
    multiplex 171tu, cl/1 172tu, xyplex-mux 173tu, mailq 174tu, vmnet 175tu, genrad-mux 176tu, \
    xdmcp 177tu, NextStep 178tu, bgp 179stu, ris 180tu, unify 181tu, audit 182tu, ocbinder 183tu, \
    ocserver 184tu, remote-kis 185tu, kis 186tu, aci 187tu, mumps 188tu, qft 189tu, gacp 190tu, \
    prospero 191tu, osu-nms 192tu, srmp 193tu, irc 194tu, dn6-nlm-aud 195tu, dn6-smm-red 196tu, \
    dls 197tu, dls-mon 198tu, smux 199tu, src 200tu, at-rtmp 201tu, at-nbp 202tu, at-3 203tu, \
    at-echo 204tu, at-5 205tu, at-zis 206tu, at-7 207tu, at-8 208tu, qmtp 209tu, z39.50 210tu, \
    914c/g 211tu, anet 212tu, ipx 213tu, vmpwscs 214tu, softpc 215tu, CAIlic 216tu, dbase 217tu, \
    mpp 218tu, uarps 219tu, imap3 220tu, fln-spx 221tu, rsh-spx 222tu, cdc 223tu, \
    masqdialer 224tu, direct 242tu, sur-meas 243tu, dayna 244tu, link 245tu, dsp3270 246tu, \
    subntbcst_tftp 247tu, bhfhs 248tu, rap 256tu, set 257tu, esro-gen 259tu, openport 260tu, \
    nsiiops 261tu, arcisdms 262tu, hdap 263tu, bgmp 264tu, x-bone-ctl 265tu, sst 266tu, \
    td-service 267tu, td-replica 268tu, http-mgmt 280tu, personal-link 281tu, cableport-ax 282tu, \
    rescap 283tu, corerjd 284tu, fxp 286tu, k-block 287tu, novastorbakcup 308tu, \
    entrusttime 309tu, bhmds 310tu, asip-webadmin 311tu, vslmp 312tu, magenta-logic 313tu, \
    opalis-robot 314tu, dpsi 315tu, decauth 316tu, zannet 317tu, pkix-timestamp 318tu, \
    ptp-event 319tu, ptp-general 320tu, pip 321tu, rtsps 322tu, texar 333tu, pdap 344tu, \
    pawserv 345tu, zserv 346tu, fatserv 347tu, csi-sgwp 348tu, mftp 349tu, matip-type-a 350tu, \
    matip-type-b 351tu, bhoetty 351tu, dtag-ste-sb 352tu, bhoedap4 352tu, ndsauth 353tu, \
    bh611 354tu, datex-asn 355tu, cloanto-net-1 356tu, bhevent 357tu, shrinkwrap 358tu, \
    tenebris_nts 359tu, scoi2odialog 360tu, semantix 361tu, srssend 362tu, rsvp_tunnel 363tu, \
    aurora-cmgr 364tu, dtk 365tu, odmr 366tu, mortgageware 367tu, qbikgdp 368tu, \
    rpc2portmap 369tu, codaauth2 370tu, clearcase 371tu, ulistserv 372tu, legent-1 373tu, \
    legent-2 374tu, hassle 375tu, nip 376tu, tnETOS 377tu, dsETOS 378tu, is99c 379tu, is99s 380tu, \
    hp-collector 381tu, hp-managed-node 382tu, hp-alarm-mgr 383tu, arns 384tu, ibm-app 385tu, \
    asa 386tu, aurp 387tu, unidata-ldm 388tu, ldap 389tu, uis 390tu, synotics-relay 391tu, \
    synotics-broker 392tu, dis 393tu, embl-ndt 394tu, netcp 395tu, netware-ip 396tu, mptn 397tu, \
    kryptolan 398tu, iso-tsap-c2 399tu, work-sol 400tu, ups 401tu, genie 402tu, decap 403tu, \
    nced 404tu, ncld 405tu, imsp 406tu, timbuktu 407tu, prm-sm 408tu, prm-nm 409tu, \
    decladebug 410tu, rmt 411tu, synoptics-trap 412tu, smsp 413tu, infoseek 414tu, bnet 415tu, \
    silverplatter 416tu, onmux 417tu, hyper-g 418tu, ariel1 419tu, smpte 420tu, ariel2 421tu, \
    ariel3 422tu, opc-job-start 423tu, opc-job-track 424tu, icad-el 425tu, smartsdp 426tu, \
    svrloc 427tu, ocs_cmu 428tu, ocs_amu 429tu, utmpsd 430tu, utmpcd 431tu, iasd 432tu, \
    nnsp 433tu, mobileip-agent 434tu, mobilip-mn 435tu, dna-cml 436tu, comscm 437tu, dsfgw 438tu, \
    dasp 439tu, sgcp 440tu, decvms-sysmgt 441tu, cvc_hostd 442tu, https 443stu, snpp 444tu, \
    microsoft-ds 445tu, ddm-rdb 446tu, ddm-dfm 447tu, ddm-ssl 448tu, as-servermap 449tu, \
    tserver 450tu, sfs-smp-net 451tu, sfs-config 452tu, creativeserver 453tu, contentserver 454tu, \
    creativepartnr 455tu, macon-tcp 456t, macon-udp 456u, scohelp 457tu, appleqtc 458tu, \
    ampr-rcmd 459tu, skronk 460tu, datasurfsrv 461tu, datasurfsrvsec 462tu, alpes 463tu, \
    kpasswd5 464tu, smtps 465tu, digital-vrc 466tu, mylex-mapd 467tu, photuris 468tu, rcp 469tu, \
    scx-proxy 470tu, mondex 471tu, ljk-login 472tu, hybrid-pop 473tu, tn-tl-w1 474t, \
    tn-tl-w2 474u, tcpnethaspsrv 475tu, tn-tl-fd1 476tu, ss7ns 477tu, spsc 478tu, iafserver 479tu, \
    iafdbase 480tu, ph 481tu, bgs-nsi 482tu, ulpnet 483tu, integra-sme 484tu, powerburst 485tu, \
    avian 486tu, saft 487tu, gss-http 488tu, nest-protocol 489tu, micom-pfs 490tu, go-login 491tu, \
    ticf-1 492tu, ticf-2 493tu, pov-ray 494tu, intecourier 495tu, pim-rp-disc 496tu, dantz 497tu, \
    siam 498tu, iso-ill 499tu, isakmp 500tu, stmf 501tu, asa-appl-proto 502tu, intrinsa 503tu, \
    citadel 504tu, mailbox-lm 505tu, ohimsrv 506tu, crs 507tu, xvttp 508tu, snare 509tu, \
    fcp 510tu, passgo 511tu, exec 512t, biff 512u, login 513t, who 513u, shell 514t, syslog 514u, \
    printer 515tu, videotex 516tu, talk 517tu, ntalk 518tu, utime 519tu, efs 520t, router 520u, \
    ripng 521tu, ulp 522tu, ibm-db2 523tu, ncp 524tu, timed 525tu, tempo 526tu, stx 527tu, \
    custix 528tu, irc-serv 529tu, courier 530tu, conference 531tu, netnews 532tu, netwall 533tu, \
    mm-admin 534tu, iiop 535tu, opalis-rdv 536tu, nmsp 537tu, gdomap 538tu, apertus-ldp 539tu, \
    uucp 540tu, uucp-rlogin 541tu, commerce 542tu, klogin 543tu, kshell 544tu, appleqtcsrvr 545tu, \
    dhcpv6-client 546tu, dhcpv6-server 547tu, afpovertcp 548tu, idfp 549tu, new-rwho 550tu, \
    cybercash 551tu, deviceshare 552tu, pirp 553tu, rtsp 554tu, dsf 555tu, remotefs 556tu, \
    openvms-sysipc 557tu, sdnskmp 558tu, teedtap 559tu, rmonitor 560tu, monitor 561tu, \
    chshell 562tu, nntps 563tu, 9pfs 564tu, whoami 565tu, streettalk 566tu, banyan-rpc 567tu, \
    ms-shuttle 568tu, ms-rome 569tu, meter 570tu, umeter 571tu, sonar 572tu, banyan-vip 573tu, \
    ftp-agent 574tu, vemmi 575tu, ipcd 576tu, vnas 577tu, ipdd 578tu, decbsrv 579tu, \
    sntp-heartbeat 580tu, bdp 581tu, scc-security 582tu, philips-vc 583tu, keyserver 584tu, \
    password-chg 586tu, submission 587tu, cal 588tu, eyelink 589tu, tns-cml 590tu, http-alt 591tu, \
    eudora-set 592tu, http-rpc-epmap 593tu, tpip 594tu, cab-protocol 595tu, smsd 596tu, \
    ptcnameservice 597tu, sco-websrvrmg3 598tu, acp 599tu, ipcserver 600tu, syslog-conn 601tu, \
    xmlrpc-beep 602tu, idxp 603tu, tunnel 604tu, soap-beep 605tu, urm 606tu, nqs 607tu, \
    sift-uft 608tu, npmp-trap 609tu, npmp-local 610tu, npmp-gui 611tu, hmmp-ind 612tu, \
    hmmp-op 613tu, sshell 614tu, sco-inetmgr 615tu, sco-sysmgr 616tu, sco-dtmgr 617tu, \
    dei-icda 618tu, compaq-evm 619tu, sco-websrvrmgr 620tu, escp-ip 621tu, collaborator 622tu, \
    asf-rmcp 623tu, cryptoadmin 624tu, dec_dlm 625tu, asia 626tu, passgo-tivoli 627tu, qmqp 628tu, \
    3com-amp3 629tu, rda 630tu, ipp 631tu, bmpp 632tu, servstat 633tu, ginad 634tu, \
    rlzdbase 635tu, ldaps 636tu, lanserver 637tu, mcns-sec 638tu, msdp 639tu, entrust-sps 640tu, \
    repcmd 641tu, esro-emsdp 642tu, sanity 643tu, dwr 644tu, pssc 645tu, ldp 646tu, \
    dhcp-failover 647tu, rrp 648tu, cadview-3d 649tu, obex 650tu, ieee-mms 651tu, \
    hello-port 652tu, repscmd 653tu, aodv 654tu, tinc 655tu, spmp 656tu, rmc 657tu, tenfold 658tu, \
    mac-srvr-admin 660tu, hap 661tu, pftp 662tu, purenoise 663tu, asf-secure-rmcp 664tu, \
    sun-dr 665tu, mdqs 666tu, doom 666tu, disclose 667tu, mecomm 668tu, meregister 669tu, \
    vacdsm-sws 670tu, vacdsm-app 671tu, vpps-qua 672tu, cimplex 673tu, acap 674tu, dctp 675tu, \
    vpps-via 676tu, vpp 677tu, ggf-ncp 678tu, mrm 679tu, entrust-aaas 680tu, entrust-aams 681tu, \
    xfr 682tu, corba-iiop 683tu, corba-iiop-ssl 684tu, mdc-portmapper 685tu, hcp-wismar 686tu, \
    asipregistry 687tu, realm-rusd 688tu, nmap 689tu, vatp 690tu, msexch-routing 691tu, \
    hyperwave-isp 692tu, connendp 693tu, ha-cluster 694tu, ieee-mms-ssl 695tu, rushd 696tu, \
    uuidgen 697tu, olsr 698tu, accessnetwork 699tu, epp 700tu, lmp 701tu, iris-beep 702tu, \
    elcsd 704tu, agentx 705tu, silc 706tu, borland-dsj 707tu, entrustmanager 709tu, \
    entrust-ash 710tu, cisco-tdp 711tu, tbrpf 712tu, iris-xpc 713tu, iris-xpcs 714tu, \
    iris-lwz 715tu, netviewdm1 729tu, netviewdm2 730tu, netviewdm3 731tu, netgw 741tu, \
    netrcs 742tu, flexlm 744tu, fujitsu-dev 747tu, ris-cm 748tu, kerberos-adm 749tu, \
    kerberos-iv 750tu, kerberos_master 751tu, pump 751tu, qrh 752tu, rrh 753tu, krb_prop 754t, \
    tell 754tu, nlogin 758tu, con 759tu, krbupdate 760t, ns 760tu, kpasswd 761t, rxe 761tu, \
    quotad 762tu, cycleserv 763tu, omserv 764tu, webster 765tu, phonebook 767tu, vid 769tu, \
    cadlock 770tu, rtip 771tu, cycleserv2 772tu, submit 773t, notify 773u, rpasswd 774t, \
    acmaint_dbd 774u, entomb 775t, acmaint_transd 775u, wpages 776tu, multiling-http 777tu, \
    wpgs 780tu, mdbs_daemon 800tu, device 801tu, fcp-udp 810tu, itm-mcell-s 828tu, \
    pkix-3-ca-ra 829tu, netconf-ssh 830tu, netconf-beep 831tu, netconfsoaphttp 832tu, \
    netconfsoapbeep 833tu, dhcp-failover2 847tu, gdoi 848tu, iscsi 860tu, owamp-control 861tu, \
    supfilesrv 871t, rsync 873tu, iclcnet-locate 886tu, iclcnet_svinfo 887tu, accessbuilder 888tu, \
    omginitialrefs 900tu, swat 901t, smpnameres 901tu, ideafarm-chat 902tu, ideafarm-catch 903tu, \
    kink 910tu, xact-backup 911tu, apex-mesh 912tu, apex-edge 913tu, rndc 953t, ftps-data 989tu, \
    ftps 990tu, nas 991tu, telnets 992tu, imaps 993tu, ircs 994tu, pop3s 995tu, vsinet 996tu, \
    maitrd 997tu, busboy 998t, puparp 998u, garcon 999t, applix 999u, puprouter 999tu, \
    cadlock2 1000tu, surf 1010tu, exp1 1021tu, exp2 1022tu, blackjack 1025tu, iad1 1030tu, \
    iad2 1031tu, iad3 1032tu, nim 1058tu, nimreg 1059tu, instl_boots 1067tu, instl_bootc 1068tu, \
    socks 1080tu, ansoft-lm-1 1083tu, ansoft-lm-2 1084tu, webobjects 1085tu, kpop 1109tu, \
    nfsd-status 1110t, nfsd-keepalive 1110u, supfiledbg 1127t, nfa 1155tu, cisco-ipsla 1167stu, \
    skkserv 1178t, openvpn 1194tu, lupa 1212tu, nerv 1222tu, hermes 1248tu, healthd 1281tu, \
    alta-ana-lm 1346tu, bbn-mmc 1347tu, bbn-mmx 1348tu, sbook 1349tu, editbench 1350tu, \
    equationbuilder 1351tu, lotusnote 1352tu, relief 1353tu, rightbrain 1354tu, \
    intuitive-edge 1355tu, cuillamartin 1356tu, pegboard 1357tu, connlcli 1358tu, ftsrv 1359tu, \
    mimer 1360tu, linx 1361tu, timeflies 1362tu, ndm-requester 1363tu, ndm-server 1364tu, \
    adapt-sna 1365tu, netware-csp 1366tu, dcs 1367tu, screencast 1368tu, gv-us 1369tu, \
    us-gv 1370tu, fc-cli 1371tu, fc-ser 1372tu, chromagrafx 1373tu, molly 1374tu, bytex 1375tu, \
    ibm-pps 1376tu, cichlid 1377tu, elan 1378tu, dbreporter 1379tu, telesis-licman 1380tu, \
    apple-licman 1381tu, gwha 1383tu, os-licman 1384tu, atex_elmd 1385tu, checksum 1386tu, \
    cadsi-lm 1387tu, objective-dbc 1388tu, iclpv-dm 1389tu, iclpv-sc 1390tu, iclpv-sas 1391tu, \
    iclpv-pm 1392tu, iclpv-nls 1393tu, iclpv-nlc 1394tu, iclpv-wsm 1395tu, dvl-activemail 1396tu, \
    audio-activmail 1397tu, video-activmail 1398tu, cadkey-licman 1399tu, cadkey-tablet 1400tu, \
    goldleaf-licman 1401tu, prm-sm-np 1402tu, prm-nm-np 1403tu, igi-lm 1404tu, ibm-res 1405tu, \
    netlabs-lm 1406tu, dbsa-lm 1407tu, sophia-lm 1408tu, here-lm 1409tu, hiq 1410tu, af 1411tu, \
    innosys 1412tu, innosys-acl 1413tu, ibm-mqseries 1414tu, dbstar 1415tu, novell-lu6.2 1416tu, \
    timbuktu-srv1 1417tu, timbuktu-srv2 1418tu, timbuktu-srv3 1419tu, timbuktu-srv4 1420tu, \
    gandalf-lm 1421tu, autodesk-lm 1422tu, essbase 1423tu, hybrid 1424tu, zion-lm 1425tu, \
    sas-1 1426tu, mloadd 1427tu, informatik-lm 1428tu, nms 1429tu, tpdu 1430tu, rgtp 1431tu, \
    blueberry-lm 1432tu, ms-sql-s 1433tu, ms-sql-m 1434tu, ibm-cics 1435tu, sas-2 1436tu, \
    tabula 1437tu, eicon-server 1438tu, eicon-x25 1439tu, eicon-slp 1440tu, cadis-1 1441tu, \
    cadis-2 1442tu, ies-lm 1443tu, marcam-lm 1444tu, proxima-lm 1445tu, ora-lm 1446tu, \
    apri-lm 1447tu, oc-lm 1448tu, peport 1449tu, dwf 1450tu, infoman 1451tu, gtegsc-lm 1452tu, \
    genie-lm 1453tu, interhdl_elmd 1454tu, esl-lm 1455tu, dca 1456tu, valisys-lm 1457tu, \
    nrcabq-lm 1458tu, proshare1 1459tu, proshare2 1460tu, ibm_wrless_lan 1461tu, world-lm 1462tu, \
    nucleus 1463tu, msl_lmd 1464tu, pipes 1465tu, oceansoft-lm 1466tu, csdmbase 1467tu, \
    csdm 1468tu, aal-lm 1469tu, uaiact 1470tu, csdmbase 1471tu, csdm 1472tu, openmath 1473tu, \
    telefinder 1474tu, taligent-lm 1475tu, clvm-cfg 1476tu, ms-sna-server 1477tu, \
    ms-sna-base 1478tu, dberegister 1479tu, pacerforum 1480tu, airs 1481tu, miteksys-lm 1482tu, \
    afs 1483tu, confluent 1484tu, lansource 1485tu, nms_topo_serv 1486tu, localinfosrvr 1487tu, \
    docstor 1488tu, dmdocbroker 1489tu, insitu-conf 1490tu, anynetgateway 1491tu, \
    stone-design-1 1492tu, netmap_lm 1493tu, ica 1494tu, cvc 1495tu, liberty-lm 1496tu, \
    rfx-lm 1497tu, watcom-sql 1498tu, fhc 1499tu, vlsi-lm 1500tu, sas-3 1501tu, \
    shivadiscovery 1502tu, imtc-mcs 1503tu, evb-elm 1504tu, funkproxy 1505tu, utcd 1506tu, \
    symplex 1507tu, diagmond 1508tu, robcad-lm 1509tu, mvx-lm 1510tu, 3l-l1 1511tu, wins 1512tu, \
    fujitsu-dtc 1513tu, fujitsu-dtcns 1514tu, ifor-protocol 1515tu, vpad 1516tu, vpac 1517tu, \
    vpvd 1518tu, vpvc 1519tu, atm-zip-office 1520tu, ncube-lm 1521tu, rna-lm 1522tu, \
    cichild-lm 1523tu, ingreslock 1524tu, prospero-np 1525tu, orasrv 1525tu, pdap-np 1526tu, \
    tlisrv 1527tu, mciautoreg 1528tu, support 1529t, coauthor 1529tu, rap-service 1530tu, \
    rap-listen 1531tu, miroconnect 1532tu, virtual-places 1533tu, micromuse-lm 1534tu, \
    ampr-info 1535tu, ampr-inter 1536tu, sdsc-lm 1537tu, 3ds-lm 1538tu, intellistor-lm 1539tu, \
    rds 1540tu, rds2 1541tu, gridgen-elmd 1542tu, simba-cs 1543tu, aspeclmd 1544tu, \
    vistium-share 1545tu, abbaccuray 1546tu, laplink 1547tu, axon-lm 1548tu, shivahose 1549t, \
    shivasound 1549u, 3m-image-lm 1550tu, hecmtl-db 1551tu, pciarray 1552tu, issd 1600tu, \
    nkd 1650tu, shiva_confsrvr 1651tu, xnmp 1652tu, netview-aix-1 1661tu, netview-aix-2 1662tu, \
    netview-aix-3 1663tu, netview-aix-4 1664tu, netview-aix-5 1665tu, netview-aix-6 1666tu, \
    netview-aix-7 1667tu, netview-aix-8 1668tu, netview-aix-9 1669tu, netview-aix-10 1670tu, \
    netview-aix-11 1671tu, netview-aix-12 1672tu, l2f 1701tu, l2tp 1701tu, pptp 1723t, \
    radius 1812u, radacct 1813u, licensedaemon 1986tu, tr-rsrb-p1 1987tu, tr-rsrb-p2 1988tu, \
    tr-rsrb-p3 1989tu, mshnet 1989tu, stun-p1 1990tu, stun-p2 1991tu, stun-p3 1992tu, \
    ipsendmsg 1992tu, snmp-tcp-port 1993tu, stun-port 1994tu, perf-port 1995tu, \
    tr-rsrb-port 1996tu, gdp-port 1997tu, x25-svc-port 1998tu, tcp-id-port 1999tu, \
    callbook 2000tu, dc 2001t, wizard 2001u, globe 2002tu, cfingerd 2003t, mailbox 2004t, \
    emce 2004u, berknet 2005t, oracle 2005u, invokator 2006t, raid-cc 2006u, dectalk 2007t, \
    raid-am 2007u, conf 2008t, terminaldb 2008u, news 2009t, whosockami 2009u, search 2010t, \
    pipe_server 2010u, raid-cc 2011t, servserv 2011u, ttyinfo 2012t, raid-ac 2012u, raid-am 2013t, \
    raid-cd 2013u, troff 2014t, raid-sf 2014u, cypress 2015t, raid-cs 2015u, bootserver 2016tu, \
    cypress-stat 2017t, bootclient 2017u, terminaldb 2018t, rellpack 2018u, whosockami 2019t, \
    about 2019u, xinupageserver 2020tu, servexec 2021t, xinuexpansion1 2021u, down 2022t, \
    xinuexpansion2 2022u, xinuexpansion3 2023tu, xinuexpansion4 2024tu, ellpack 2025t, \
    xribs 2025u, scrabble 2026tu, shadowserver 2027tu, submitserver 2028tu, device2 2030tu, \
    blackboard 2032tu, glogger 2033tu, scoremgr 2034tu, imsldoc 2035tu, objectmanager 2038tu, \
    lam 2040tu, interbase 2041tu, isis 2042tu, isis-bcast 2043tu, rimsl 2044tu, cdfunc 2045tu, \
    sdfunc 2046tu, dls-monitor 2048tu, nfsd 2049stu, dlsrpn 2065tu, dlswpn 2067tu, \
    zephyr-clt 2103u, zephyr-hm 2104u, eklogin 2105tu, ekshell 2106tu, rkinit 2108tu, ats 2201tu, \
    hpssd 2207tu, hpiod 2208tu, rcip-itu 2225st, ivs-video 2232tu, ivsd 2241tu, pehelp 2307tu, \
    cvspserver 2401tu, venus 2430tu, venus-se 2431tu, codasrv 2432tu, codasrv-se 2433tu, \
    rtsserv 2500tu, rtsclient 2501tu, hp-3000-telnet 2564t, zebrasrv 2600t, zebra 2601t, \
    ripd 2602t, ripngd 2603t, ospfd 2604t, bgpd 2605t, ospf6d 2606t, dict 2628tu, listen 2766t, \
    www-dev 2784tu, m2ua 2904stu, m3ua 2905st, megaco-h248 2944stu, h248-binary 2945stu, \
    eppc 3031tu, NSWS 3049tu, gds_db 3050tu, sj3 3086t, itu-bicc-stc 3097s, vmodem 3141tu, \
    iscsi-target 3260tu, ccmail 3264tu, dec-notes 3333tu, rdp 3389t, bmap 3421tu, prsvp 3455tu, \
    vat 3456tu, vat-control 3457tu, nut 3493tu, m2pa 3565st, tsp 3653tu, svn 3690tu, asap 3863stu, \
    asap-tls 3864st, diameter 3868st, udt_os 3900tu, mapper-nodemgr 3984tu, mapper-mapethd 3985tu, \
    mapper-ws_ethd 3986tu, netcheque 4008tu, lockd 4045tu, nuts_dem 4132tu, nuts_bootp 4133tu, \
    sieve 4190tu, rwhois 4321tu, unicall 4343tu, epmd 4369tu, krb524 4444tu, nv-video 4444tu, \
    sae-urn 4500tu, fax 4557t, hylafax 4559t, rfa 4672tu, ipfix 4739stu, ipfixs 4740stu, \
    commplex-main 5000tu, commplex-link 5001tu, rfe 5002tu, telelpathstart 5010tu, \
    telelpathattack 5011tu, mmcc 5050tu, sds 5059tu, sip 5060tu, sip-tls 5061tu, car 5090s, \
    cxtp 5091s, rmonitor_secure 5145tu, aol 5190tu, aol-1 5191tu, aol-2 5192tu, aol-3 5193tu, \
    xmpp-client 5222tu, padl2sim 5236tu, xmpp-server 5269tu, hacl-hb 5300tu, hacl-gs 5301tu, \
    hacl-cfg 5302tu, hacl-probe 5303tu, hacl-local 5304tu, hacl-test 5305tu, cfengine 5308tu, \
    mdns 5353tu, postgresql 5432tu, rplay 5555u, amqp 5672stu, v5ua 5675stu, canna 5680t, \
    proshareaudio 5713tu, prosharevideo 5714tu, prosharedata 5715tu, prosharerequest 5716tu, \
    prosharenotify 5717tu, cvsup 5999t, x11 6000tu, x11-ssh 6010tu, softcm 6110tu, spc 6111tu, \
    meta-corp 6141tu, aspentec-lm 6142tu, watershed-lm 6143tu, statsci1-lm 6144tu, \
    statsci2-lm 6145tu, lonewolf-lm 6146tu, montage-lm 6147tu, ricardo-lm 6148tu, \
    sge_qmaster 6444tu, sge_execd 6445tu, xdsxdm 6558tu, sane-port 6566tu, ircd 6667t, \
    frc-hp 6704s, frc-mp 6705s, frc-lp 6706s, acmsoda 6969tu, afs3-fileserver 7000tu, \
    afs3-callback 7001tu, afs3-prserver 7002tu, afs3-vlserver 7003tu, afs3-kaserver 7004tu, \
    afs3-volser 7005tu, afs3-errors 7006tu, afs3-bos 7007tu, afs3-update 7008tu, \
    afs3-rmtsys 7009tu, afs3-resserver 7010tu, ups-onlinet 7010tu, afs3-remio 7011tu, \
    font-service 7100tu, fodms 7200tu, dlip 7201tu, simco 7626st, ftp-proxy 8021t, pim 8471st, \
    lcs-ap 9082s, aurora 9084stu, jetdirect 9100t, git 9418tu, man 9535tu, sd 9876tu, iua 9900stu, \
    enrp 9901su, enrp-tls 9902s, amanda 10080tu, amandaidx 10082t, amidxtape 10083t, \
    wmereceiving 11997s, wmedistribution 11998s, wmereporting 11999s, sua 14001st, \
    isode-dua 17007tu, biimenu 18000tu, nfsrdma 20049stu, wnn4 22273t, wnn4_Cn 22289t, \
    wnn4_Kr 22305t, wnn4_Tw 22321t, wnn6_DS 26208t, sgsap 29118s, sbcap 29168s, \
    iuhsctpassoc 29169s, s1-control 36412s, x2-control 36422s, dbbrowse 47557tu, natd 8668d
    """
}
