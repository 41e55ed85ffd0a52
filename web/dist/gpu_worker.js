var x=class extends Error{name="GpuError"},N=class extends x{name="GpuOutOfMemoryError"},D=class extends x{name="GpuLostError"};function E(t){return t.reduce((e,r)=>e*r,1)}function S(t){return Math.ceil(t/4)*4}function A(t){return t.join("×")}function W(t,e){return Math.ceil(t/e)}function Oe(t){let e=[],r=[],a=new Array(t.length).fill(-1),n=t.map((o,s)=>s).sort((o,s)=>t[o].first-t[s].first||t[s].bytes-t[o].bytes);for(let o of n){let{bytes:s,first:i,last:l}=t[o],c=-1;for(let d=0;d<e.length;d++){if(r[d]>=i)continue;if(c<0){c=d;continue}let u=e[d]>=s,m=e[c]>=s;(u?!m||e[d]<e[c]:!m&&e[d]>e[c])&&(c=d)}c<0&&(c=e.length,e.push(0),r.push(-1)),e[c]=Math.max(e[c],s),r[c]=l,a[o]=c}return{assignment:a,sizes:e}}function Re(t,e){return e==="flat"?E(t)*4:E(t.slice(0,-1))*S(t[t.length-1])*4}function ee(t,e,r){let a=S(e);if(a===e)return r?.set(t),r??t;let n=t.length/e,o=r??new Float32Array(n*a);for(let s=0,i=0,l=0;s<n;s++,l+=a-e)for(let c=0;c<e;c++)o[l++]=t[i++];return o}function Y(t,e){let r=S(e);if(r===e)return t;let a=t.length/r,n=new Float32Array(a*e);for(let o=0,s=0,i=0;o<a;o++,s+=r-e)for(let l=0;l<e;l++)n[i++]=t[s++];return n}var Dt=64,zt=65535,te=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new x(`Cannot record the tensor ${r}: its shape ${A(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:r,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:Re(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,r){let a=this.tensor(r,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return r()}finally{this.#t=a}}dispatch(e,r,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(r).join())throw new x(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(r).join()}`);let s=e.params.map(d=>d.split(":")[0]).find(d=>a.params[d]===void 0);if(s)throw new x(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=n.filter(d=>e.bindings[d]==="read_write").map(d=>B(r[d]).tensor);for(let d of n){let{tensor:u}=B(r[d]);if(e.bindings[d]!=="read_write"?i.includes(u):i.filter(m=>m===u).length>1)throw new x(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[l,c]=Kt(Math.ceil(a.invocations/Dt));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:r,workgroups:[l,c,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,r){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>r(n.gradient))})}gradientOf(e){let r=this.#r.get(e);r||this.#r.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function Kt(t){let e=Math.max(1,Math.ceil(t/zt));return[Math.max(1,Math.ceil(t/e)),e]}function B(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function C(t){return t.bytes/16}var ue=256;async function Ce(t,e){let r=performance.now();try{return await Lt(t,e)}finally{t.times.prepare+=(performance.now()-r)/1e3}}async function Lt(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:u,constants:m}of e.dispatches)a.push(await t.kernel(u,m));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let n=[],o=(u,m,p)=>{let h=t.buffer(u,m,p);return n.push(h),h},s=()=>n.forEach(u=>t.release(u)),i,l;try{let u=Wt(e,o),m=new DataView(new ArrayBuffer(e.dispatches.length*ue));e.dispatches.forEach(({kernel:g,params:v},y)=>{g.params.forEach((w,f)=>{let[b,_]=w.split(":"),k=y*ue+f*4;_==="f32"?m.setFloat32(k,v[b],!0):m.setInt32(k,v[b],!0)})});let p=o("uniforms",Math.max(m.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);t.write(p,0,new Uint32Array(m.buffer));let h=e.dispatches.map((g,v)=>({dispatch:g,compiled:a[v],group:r.createBindGroup({label:g.label,layout:a[v].layout,entries:[{binding:0,resource:{buffer:p,offset:v*ue,size:g.kernel.params.length*4}},...Object.values(g.bindings).map((y,w)=>{let{tensor:f,offset:b,size:_}=B(y);return{binding:w+1,resource:{buffer:u.get(f),offset:b,size:_}}})]})}));i=new pe(t,e,h,u,n)}catch(u){l=u}let c=await r.popErrorScope(),d=await r.popErrorScope();if(c?l=new N(`The GPU is out of memory for a plan: ${c.message}`):d&&(l??=new x(`Cannot build a plan: ${d.message}`)),l)throw s(),l;return i}function Wt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((d,u)=>{for(let m of Object.values(d.bindings)){let{tensor:p}=B(m);r.has(p)||r.set(p,u),a.set(p,u)}});for(let d of t.outputs.values())a.set(d,t.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,s=t.tensors.filter(d=>{if(d.external)o.set(d,d.external);else if(d.lifetime==="persistent")o.set(d,e(d.name,d.bytes,n));else return r.has(d);return!1}),{assignment:i,sizes:l}=Oe(s.map(d=>({bytes:d.bytes,first:r.get(d),last:a.get(d)}))),c=l.map((d,u)=>e(`shared ${u}`,d,n));return s.forEach((d,u)=>o.set(d,c[i[u]])),o}var pe=class{#e;#r;#t;#n;#a;#o=new Map;#i=new Map;#s=!0;constructor(e,r,a,n,o){this.#e=e,this.#r=r,this.#t=a,this.#n=n,this.#a=o}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new x(`Cannot write ${e}: the plan has no such input`);let n=performance.now(),o=r;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#i.get(e);if(i||this.#i.set(e,i=new Float32Array(a.bytes/4)),r.length!==a.shape.reduce((l,c)=>l*c,1))throw new x(`Cannot write ${e}: it is ${A(a.shape)}, got ${r.length} values`);o=ee(r,s,i)}this.#e.write(this.#n.get(a),0,o),this.#e.times.upload+=(performance.now()-n)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let n of this.#t)n.dispatch.once&&!this.#s||(a.setPipeline(n.compiled.pipeline),a.setBindGroup(0,n.group),a.dispatchWorkgroups(...n.dispatch.workgroups));a.end(),this.#e.device.queue.submit([r.finish()]),this.#s=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#s=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new x(`Cannot read ${e}: the plan has no such output`);let{device:a,times:n}=this.#e,o=await this.#l(e,r),s=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#n.get(r),0,o,0,r.bytes),a.queue.submit([i.finish()]);try{await o.mapAsync(GPUMapMode.READ)}catch(u){throw this.#e.check(),u}let l=performance.now();n.compute+=(l-s)/1e3;let c=new Float32Array(o.getMappedRange(0,r.bytes).slice(0));o.unmap(),this.#e.check();let d=r.layout==="image"?Y(c,r.shape[r.shape.length-1]):c;return n.download+=(performance.now()-l)/1e3,d}async#l(e,r){let a=this.#o.get(e);if(a)return a;let{device:n}=this.#e;n.pushErrorScope("out-of-memory");let o=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(o);let s=await n.popErrorScope();if(s)throw new N(`The GPU is out of memory to read ${e}: ${s.message}`);return this.#o.set(e,o),o}describe(){let e=this.#a.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,s])=>`${o} ${B(s).tensor.name} ${A(B(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,r)=>e+r.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new x("Cannot profile: the adapter has no timestamp queries");let r=this.#t.filter(({dispatch:c})=>!c.once||this.#s),a=e.createQuerySet({type:"timestamp",count:r.length*2}),n=r.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),i=e.createCommandEncoder();r.forEach(({dispatch:c,compiled:d,group:u},m)=>{let p=i.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:m*2,endOfPassWriteIndex:m*2+1}});p.setPipeline(d.pipeline),p.setBindGroup(0,u),p.dispatchWorkgroups(...c.workgroups),p.end()}),i.resolveQuerySet(a,0,r.length*2,o,0),i.copyBufferToBuffer(o,0,s,0,n),e.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ);let l=new BigUint64Array(s.getMappedRange().slice(0));s.unmap();for(let c of[o,s])this.#e.release(c);return a.destroy(),this.#s=!1,r.map(({dispatch:c},d)=>{let u=Number(l[d*2+1]-l[d*2]);return{label:c.label,kernel:c.kernel.name,milliseconds:u/1e6,gflops:u>0?c.flops/u:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var $e={none:0,relu:1,"leaky-relu":2};function Ee(t){return $e[t]}var Ne=new WeakMap;function Me(t,e){Ne.set(t,e)}function Vt(t){return Ne.get(t)??"none"}function M(t,e){let r=Vt(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:$e[r]}}}var Ht={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},jt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ge(t,e,r,a="add",n=new Set){if(e.shape.join()!==r.shape.join())throw new x(`Cannot record add "${a}": its terms are ${A(e.shape)} and ${A(r.shape)}`);let o=t.tensor(e.shape,a),s=C(o);return t.within(a,()=>{t.dispatch(Ht,{a:e,b:r,y:o},{params:{count:s},invocations:s}),t.gradient(o,i=>{for(let l of[e,r]){if(n.has(l))continue;let{gradient:c,accumulate:d}=t.gradientOf(l),{activated:u,constants:m}=M(l,i);t.dispatch(jt,{dy:i,activated:u,dx:c},{params:{count:s,accumulate:Number(d)},constants:m,invocations:s})}})}),o}var U=t=>"upsampled"in t?t.upsampled:t,I=t=>"upsampled"in t?1:0,O=t=>S(t.shape[3])/4;function me(t){let{shape:e}=U(t),r=1<<I(t);return[e[1]*r,e[2]*r]}function fe(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new x(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[n,o]=me(t[0]),s=U(t[0]).shape[0];for(let i of t){let[l,c]=me(i),{shape:d}=U(i);if(d.length!==4||l!==n||c!==o||d[0]!==s)throw new x(`Cannot record conv2d "${e}": its inputs are ${A(U(t[0]).shape)} and ${A(d)}`)}if(t.length===2&&I(t[1]))throw new x(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,W(n,r),W(o,r),a]}function Be(t,e){let[r,a]=me(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((n,o)=>n+O(U(o)),0),out4:O(e)}}function Fe(t,e,{name:r,kernel:a,outChannels:n}){let o=t.map(l=>U(l).shape[3]),s=e.specs.find(l=>l.name===`${r}.weight`),i=[a,a,o.reduce((l,c)=>l+c,0),n];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==o.join())throw new x(`Cannot record conv2d "${r}": input has ${o.join(" + ")} channels, so the weight is ${A(i)}; got ${s?A(s.shape):"none"}`)}function J({batch:t,out_height:e,out_width:r,options:a,sources:n},o){let s=o??n.reduce((i,l)=>i+U(l).shape[3],0);return 2*t*e*r*a.kernel**2*s*a.outChannels}function V(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}function Ie(t){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var De=Ie("conv2d_tile8"),ze=Ie("conv2d_tile8x4"),Ke={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Le={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},We={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Ve={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},He={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},je={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function qe(t,e){let{rec:r,options:a,weight:n,bias:o}=t,{kernel:s,stride:i}=a;if(e.role==="forward"){let[m,p=m]=e.sources.map(U);r.dispatch(Le,{a:m,b:p,w:n,bias:o,y:e.target},{params:{...V(t,["batch","height","width","out_height","out_width","out4"]),a4:O(m),b4:e.sources[1]?O(p):0,a_shift:I(e.sources[0]),kernel:s,stride:i},constants:{ACTIVATION:e.activation},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:J(t)});return}let{target:l,activated:c,first4:d}=e,u=O(l);r.dispatch(We,{dy:U(e.sources[0]),w:n,activated:c,dx:l},{params:{...V(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:u,first4:d,kernel:s,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:t.batch*t.height*t.width*u,flops:J(t,l.shape[3])})}function he(t){return Math.ceil((72*t+2)/16)*16}function qt(t,e,r){return(t.llvm??1/0)<19?"tile8x4":"tile8"}function Yt(t,e,r){return t==="naive"?!0:e.kernel!==3||e.stride!==1?!1:r==="weight-gradient"||he(r==="forward"?e.in4:e.out4)*16<=65536}function Ye(t,e,r,a){let n=t==="auto"?qt(e,r,a):t;return Yt(n,r,a)?n:"naive"}var Jt=0,Xt=1,Qt=2;function Je(t,e,r){let{rec:a,batch:n,height:o,width:s,in4:i,out4:l}=t,c=e.role==="forward",[d,u]=r==="tile8x4"?[ze,4]:[De,1],m=O(e.target),p=e.sources.reduce((_,k)=>_+O(U(k)),0),h=he(p),g=Math.ceil(m/2),v=!a.training,y=Math.floor(65536/(h*16)),w=Math.floor((g-1)/y)*y*h*16,f=a.tensor([(w+65536)/4],`${t.options.name}.packed`,{layout:"flat",lifetime:v?"persistent":"planned"});a.dispatch(Ke,{weight:t.weight,bias:t.bias,packed:f},{params:{in4:i,out4:l,source4:p,target4:m,first4:e.first4,block_vec4s:h,count:g*h},constants:{FORWARD:Number(c)},invocations:g*h,once:v});let b=0;e.sources.forEach((_,k)=>{let P=U(_),$=O(P),G=k===e.sources.length-1;for(let R=0;R<g;R+=y){let F=Math.min(y,g-R);a.dispatch(d,{x:P,w:{tensor:f,offset:R*h*16,size:65536},activated:e.activated,y:e.target},{params:{batch:n,height:o,width:s,x4:$,first4:b,in4:p,shift:I(_),out4:m,first_block:R,block_vec4s:h,accumulate:Number(e.accumulate),activation:G?e.activation:0},constants:{MODE:c?k===0?Xt:Qt:Jt},invocations:n*Math.ceil(o/u)*Math.ceil(s/8),groups:F,flops:18*n*o*s*$*4*Math.min(F*8,(m-R*2)*4)})}b+=$})}var Zt={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function ye(t,e,r,a,n=!1){let o=B(r).size/16;t.dispatch(Zt,{partials:e,total:r},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function ve(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var er=2048;function Xe(t,e){return 3*Math.ceil(t/2)*Math.ceil(e/2)}function Qe(t,e,r,a){let{rec:n,options:o,in4:s,out4:i}=t,l=a!=="naive",c=o.kernel**2,{slices:d,each:u}=ve(t.batch*t.out_height,Math.ceil(er/(l?Xe(s,i):s*i*c))),m=n.tensor([d,c,s*4,i*4],`${o.name}.weight partials`,{layout:"flat"}),p=0;for(let h of t.sources){let g=U(h),v=O(g),y={out4:i,shift:I(h),in4:v,first4:p,total4:s,slices:d,rows:u},w=J(t,g.shape[3]);l?n.dispatch(Ve,{x:g,dy:e,partials:m},{params:{...V(t,["batch","height","width"]),...y},invocations:Xe(v,i)*d,flops:w}):n.dispatch(He,{x:g,dy:e,partials:m},{params:{...V(t,["batch","height","width","out_height","out_width"]),...y,kernel:o.kernel,stride:o.stride},invocations:c*v*i*d,flops:w}),p+=v}ye(n,m,r.range(n,`${o.name}.weight`,"gradients"),d)}function Ze(t,e,r){let{rec:a,options:n,out4:o}=t,s=t.batch*t.out_height*t.out_width,{slices:i,each:l}=ve(s,Math.ceil(256/o)),c=a.tensor([i,o*4],`${n.name}.bias partials`,{layout:"flat"});a.dispatch(je,{dy:e,partials:c},{params:{pixels:s,out4:o,slices:i,slice_pixels:l},invocations:o*i}),ye(a,c,r.range(a,`${n.name}.bias`,"gradients"),i)}var tr={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},rr={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},et=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:S(a)/4});function tt(t,e,r,a="up",n=new Set){let[o,s,i,l]=e.shape,c=t.tensor([o,s*2,i*2,l],a);return t.within(a,()=>{t.dispatch(tr,{x:e,y:c},{params:et(e),constants:{BILINEAR:+(r==="bilinear")},invocations:C(c)}),n.has(e)?n.add(c):t.gradient(c,d=>we(t,d,e,r))}),c}function we(t,e,r,a){let{gradient:n,accumulate:o}=t.gradientOf(r),{activated:s,constants:i}=M(r,e);t.dispatch(rr,{dy:e,activated:s,dx:n},{params:{...et(r),accumulate:Number(o)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:C(r)})}function rt(t,e,r,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:s,kernel:i,stride:l,activation:c}=a,d=fe(e,a);Fe(e,r,a);let u=t.tensor(d,s);Me(u,c);let m=r.range(t,`${s}.weight`),p=r.range(t,`${s}.bias`),h={rec:t,sources:e,options:a,y:u,weight:m,bias:p,kernel:i,stride:l,...Be(e,u)},g=v=>Ye(n,r.adapter,h,v);return t.within(s,()=>{at(h,{role:"forward",sources:e,target:u,activation:Ee(c),activated:U(e[0]),first4:0,accumulate:!1},g("forward")),t.gradient(u,v=>{Qe(h,v,r,g("weight-gradient")),Ze(h,v,r);let y=0;for(let w of e){let f=U(w);o.has(f)||ar(h,v,w,y,g("input-gradient")),y+=O(f)}})}),u}function at(t,e,r){r==="naive"?qe(t,e):Je(t,e,r)}function ar(t,e,r,a,n){let{rec:o}=t,s=U(r),i="upsampled"in r?o.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:l,accumulate:c}=i?{gradient:i,accumulate:!1}:o.gradientOf(s),{activated:d,constants:u}=i?{activated:e,constants:{ACTIVATION:0}}:M(s,e);at(t,{role:"input-gradient",sources:[e],target:l,activation:u.ACTIVATION,activated:d,first4:a,accumulate:c},n),i&&we(o,i,s,"nearest")}var nr={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},or={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function nt(t,e,r="pool"){let[a,n,o,s]=e.shape,i=S(s)/4,l=t.tensor([a,W(n,2),W(o,2),s],r),c=t.tensor([C(l)],`${r}.argmax`,{layout:"flat"}),d={batch:a,height:n,width:o,c4:i};return t.within(r,()=>{t.dispatch(nr,{x:e,y:l,argmax:c},{params:d,invocations:C(l)}),t.gradient(l,u=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:h,constants:g}=M(e,u);t.dispatch(or,{dy:u,argmax:c,activated:h,dx:m},{params:{...d,accumulate:Number(p)},constants:g,invocations:C(e)})})}),l}var ot=64,re=class{specs;length;#e;#r=new Map;#t=new Map;#n=new WeakMap;constructor(e,r){this.#e=e,this.specs=r;let a=0;for(let n of r){let o=st(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/ot)*ot}this.length=a}get adapter(){return this.#e.adapter}range(e,r,a="values"){let{offset:n,length:o}=this.#a(r);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,r){let a=this.#n.get(e);a||this.#n.set(e,a=new Map);let n=a.get(r);return n||(n=e.tensor([this.length],`parameters.${r}`,{layout:"flat",lifetime:"persistent",external:this.#o(r)}),a.set(r,n)),n}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let s=e.get(n.name);if(!s||s.length!==E(n.shape))throw new x(`Cannot upload ${n.name}: it has ${E(n.shape)} values, got ${s?.length??"none"}`);a.set(ir(s,n),o)}this.#e.write(this.#o(r),0,a)}async download(e="values"){let r=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,r),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(n.getMappedRange(0,r).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:l,length:c})=>[i.name,lr(s.subarray(l,l+c),i)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let r=this.#r.get(e);if(!r)throw new x(`Cannot find the parameter ${e}`);return r}#o(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,r)}return r}};function sr(t){return t.reduce((e,r)=>e+S(r),0)}function st({shape:t,sources:e}){if(t.length===1)return S(t[0]);let[r,a,n,o]=t;return r*a*sr(e??[n])*S(o)}function ir(t,e){let{shape:r,sources:a}=e,n=r[r.length-1],o=ee(t,n);if(r.length===1)return o;let s=S(n),i=new Float32Array(st(e));return it(r,a,(l,c)=>i.set(o.subarray(l*s,(l+1)*s),c*s)),i}function lr(t,e){let{shape:r,sources:a}=e,n=r[r.length-1];if(r.length===1)return Y(t,n).slice(0,n);let o=S(n),s=new Float32Array(E(r.slice(0,-1))*o);return it(r,a,(i,l)=>s.set(t.subarray(l*o,(l+1)*o),i*o)),Y(s,n).slice()}function it(t,e,r){let a=t[0]*t[1],n=0,o=0;for(let s=0;s<a;s++)for(let i of e??[t[2]]){for(let l=0;l<i;l++)r(n++,o+l);o+=S(i)}}var cr={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},dr={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function lt(t,e,r,a="shuffle"){let[n,o,s,i]=e.shape,l=i/r**2;if(!Number.isInteger(l))throw new x(`Cannot record pixel shuffle "${a}": ${A(e.shape)} has no multiple of ${r**2} channels`);let c=t.tensor([n,o*r,s*r,l],a),d={batch:n,height:o,width:s,channels:l,factor:r,x_c4:S(i)/4,y_c4:S(l)/4};return t.within(a,()=>{t.dispatch(cr,{x:e,y:c},{params:d,invocations:C(c)}),t.gradient(c,u=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:h,constants:g}=M(e,u);t.dispatch(dr,{dy:u,activated:h,dx:m},{params:{...d,accumulate:Number(p)},constants:g,invocations:C(e)})})}),c}function z(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:n,activation:o,down:s,up:i,residual:l,residualBlocks:c}=t,d=t.scale,u=[],m=[],p=(f,b,_,k,P,$=1,G=3)=>{u.push({op:"conv2d",name:f,inputs:b,output:f,kernel:G,stride:$,inChannels:_,outChannels:k,activation:P});let R=_.reduce((F,q)=>F+q,0);return m.push({name:`${f}.weight`,shape:[G,G,R,k]},{name:`${f}.bias`,shape:[k]}),f},h=(f,b,_)=>{let k=p(f,[b],[_],_,o);return c?(u.push({op:"add",inputs:[b,k],output:`${f}.sum`}),`${f}.sum`):k},g=r.length-1,v=[],y="image",w=e;for(let f=0;f<=g;f++){f>0&&(v.push(y),s==="stride"?(y=p(`down${f}`,[y],[w],r[f],o,2),w=r[f]):(u.push({op:"maxPool",input:y,output:`pool${f}`}),y=`pool${f}`)),y=p(`enc${f}.0`,[y],[w],r[f],o),w=r[f];for(let b=1;b<a[f];b++)y=h(`enc${f}.${b}`,y,w)}for(let f=g-1;f>=0;f--){u.push({op:"upsample",input:y,output:`up${f}`,mode:i}),y=p(`dec${f}.0`,[`up${f}`,v[f]],[w,r[f]],r[f],o),w=r[f];for(let b=1;b<n[f];b++)y=h(`dec${f}.${b}`,y,w)}if(y=p("out",[y],[w],e*d**2,"none"),d!==1&&(u.push({op:"pixelShuffle",input:y,output:"shuffled",factor:d}),y="shuffled"),l){let f="image";for(let b=2;b<=d;b*=2)u.push({op:"upsample",input:f,output:`image.x${b}`,mode:"bilinear"}),f=`image.x${b}`;u.push({op:"add",inputs:[f,y],output:"restored"}),y="restored"}return{nodes:u,parameters:m,output:y}}function be(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of z(t).nodes){let n=("inputs"in r?r.inputs:[r.input]).map(i=>e.get(i)),o=Math.max(...n.map(i=>i.radius)),s=n[0].scale;r.op==="conv2d"?e.set(r.output,{scale:s*r.stride,radius:o+(r.kernel-1)/2*s}):r.op==="maxPool"?e.set(r.output,{scale:s*2,radius:o+s}):r.op==="upsample"?e.set(r.output,{scale:s/2,radius:o+(r.mode==="nearest"?s/2:s)}):r.op==="pixelShuffle"?e.set(r.output,{scale:s/r.factor,radius:o}):e.set(r.output,{scale:s,radius:o})}return e.get(z(t).output).radius}var ur=[1,2,4];function ct(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,n=(c,d,u,m)=>{if(!Number.isInteger(d)||d<u||d>m)throw new RangeError(`Cannot make a U-Net: ${c} must be a whole number from ${u} to ${m}, got ${d}`)};n("base",e,1,512),n("depth",r,0,6),n("blocks",a,1,16);let o={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(c,d)=>e*2**d),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,residualBlocks:t.residualBlocks??!0,scale:t.scale??1};if(!ur.includes(o.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${o.scale}`);n("channels",o.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:l}=o;if(s.forEach(c=>n("a width",c,1,4096)),i.forEach(c=>n("a scale's encoder blocks",c,1,16)),l.forEach(c=>n("a scale's decoder blocks",c,1,16)),i.length!==s.length||l.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[c,d,u]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!u.includes(d))throw new RangeError(`Cannot make a U-Net: ${c} must be one of ${u.join(", ")}, got ${d}`);return o}function X(t){return 2**(t.widths.length-1)}function dt(t,e){let r=z(e),a=new Map(r.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new re(t,r.parameters.map(n=>({...n,sources:a.get(n.name)})))}function ut(t,e,r,a,n={}){let o=X(r),[,s,i,l]=e.shape;if(s%o||i%o||l!==r.channels)throw new x(`Cannot record the U-Net: the image is ${s}×${i}×${l}, it takes multiples of ${o} and ${r.channels} channels`);let c=z(r),d=new Map([["image",e]]),u=new Set([e]),m=p=>{let h=d.get(p);if("upsampled"in h)throw new x(`Cannot record the U-Net: ${p} is read by more than a convolution`);return h};for(let p of c.nodes)if(p.op==="conv2d"){let h=p.inputs.map(g=>d.get(g));d.set(p.output,rt(t,h,a,p,{...n,withoutGradient:u}))}else p.op==="maxPool"?d.set(p.output,nt(t,m(p.input),p.output)):p.op==="add"?d.set(p.output,Ge(t,m(p.inputs[0]),m(p.inputs[1]),p.output,u)):p.op==="pixelShuffle"?d.set(p.output,lt(t,m(p.input),p.factor,p.output)):p.mode==="nearest"?d.set(p.output,{upsampled:m(p.input)}):d.set(p.output,tt(t,m(p.input),p.mode,p.output,u));return m(c.output)}var pr=2,ae=class{topology;#e;#r;#t=new Map;constructor(e,r){this.topology=r.topology,this.#e=e,this.#r=dt(e,r.topology),this.#r.upload(r.parameters)}async predict(e,r){let a=await this.#n(r);return a.write("image",e),a.run(),await a.read("restored")}async#n(e){let r=e.join("×"),a=this.#t.get(r);if(a)return this.#t.delete(r),this.#t.set(r,a),a;let n=new te({training:!1});n.output("restored",ut(n,n.input("image",e),this.topology,this.#r));let o=await Ce(this.#e,n);this.#t.set(r,o);for(let[s,i]of this.#t){if(this.#t.size<=pr)break;this.#t.delete(s),i[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var H=class extends Error{name="TileTooLargeError"};var ne=class{topology;device;preferredTile;#e;#r;#t;constructor(e,r,a,n={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:1024,this.#e=e,this.#r=n.owned??!1,this.#t=new ae(e,{topology:r,parameters:a})}async run(e,r,a){try{return await this.#t.predict(e,[1,r,a,this.topology.channels])}catch(n){let o=await this.#e.loss();throw o?new D(o.message,{cause:n}):n instanceof N?new H(n.message,{cause:n}):n}}get times(){let{prepare:e,upload:r,compute:a,download:n}=this.#e.times;return{prepare:e,upload:r,network:a,download:n}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var T=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var xe={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function mr(t,e){let r=t.prelude??[];for(let o of r)if(e[o]===void 0)throw new x(`Cannot compile ${t.name}: the constant ${o} is not given`);let a=[...r.map(o=>`const ${o} = ${e[o]};
`),...(t.includes??[]).map(o=>xe[o]),xe[t.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!r.includes(o)));return{code:a,overrides:n}}async function pt(t,e,r){let{code:a,overrides:n}=mr(e,r),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};t.pushErrorScope("validation");let s=t.createShaderModule({label:e.name,code:a}),i=t.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((d,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[d]}}))}),l=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:n}}),c=await t.popErrorScope();if(c)throw new x(`Cannot compile ${e.name} ${JSON.stringify(r)}: ${c.message}`);return{kernel:e,pipeline:l,layout:i}}var fr=200,hr=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function gr(t){let e=/llvmpipe \(LLVM (\d+)/i.exec(t);return e?Number(e[1]):void 0}function yr(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function vr(){yr();let t=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:n}=t.info,o=e||r||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:o,vendor:a,architecture:n,software:hr.test(`${o} ${a} ${n}`),llvm:gr(o),features:[...t.features].sort()}}}async function mt(){let t=await vr();if(!t)throw new T("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:r}=t,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new _e(o,r)}var _e=class{device;adapter;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#n=new Map;#a;#o=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#o||(this.#a??=new D(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#a??=n instanceof GPUOutOfMemoryError?new N(`The GPU is out of memory: ${n.message}`):new x(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new x("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),fr),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new D(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let n=Math.max(16,Math.ceil(r/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new N(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||r+a.byteLength>e.size)throw new x(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={}){let a=`${e.name} ${JSON.stringify(Object.entries(r).sort())}`,n=this.#n.get(a);return n||pt(this.device,e,r).then(o=>(this.#n.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#n.clear(),this.device.destroy()}}};function wr(t){let e=Math.abs(t);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function ft(t,e){let r=t/e,a=Math.max(r,1),n=Math.ceil(4*a)+1,o=new Int32Array(e*n),s=new Float64Array(e*n);for(let i=0;i<e;i++){let l=(i+.5)*r-.5,c=Math.ceil(l-2*a),d=0;for(let u=0;u<n;u++){let m=wr((c+u-l)/a);o[i*n+u]=br(c+u,t),s[i*n+u]=m,d+=m}for(let u=0;u<n;u++)s[i*n+u]/=d}return{positions:o,weights:s,count:n}}function br(t,e){let r=2*e,a=(t%r+r)%r;return a<e?a:r-1-a}function ke(t,e,r,a,n,o=3){let s=ft(e,a),i=new Float32Array(r*a*o);for(let u=0;u<r;u++){let m=u*e;for(let p=0;p<a;p++){let h=(u*a+p)*o;for(let g=0;g<o;g++){let v=0;for(let y=p*s.count,w=y+s.count;y<w;y++)v+=s.weights[y]*t[(m+s.positions[y])*o+g];i[h+g]=v}}}let l=ft(r,n),c=new Float32Array(n*a*o),d=a*o;for(let u=0;u<n;u++)for(let m=u*l.count,p=m+l.count;m<p;m++){let h=l.positions[m]*d,g=l.weights[m];for(let v=0,y=u*d;v<d;v++)c[y+v]+=g*i[h+v]}return c}var xr=[256,40962],_r=[257,40963],kr=34665,Tr=4;function ht(t,e,r){let a=t.slice();if(a.length<14)return a;let n=new DataView(a.buffer,a.byteOffset,a.length),o=n.getUint16(0)===18761,s=l=>{if(l<8||l+2>a.length)return;let c=l+2+12*n.getUint16(l,o);if(!(c>a.length))for(let d=l+2;d<c;d+=12){let u=n.getUint16(d,o),m=xr.includes(u)?e:_r.includes(u)?r:void 0;m!==void 0?(n.setUint16(d+2,Tr,o),n.setUint32(d+4,1,o),n.setUint32(d+8,m,o)):u===kr&&l===i&&s(n.getUint32(d+8,o))}},i=n.getUint32(4,o);return s(i),a}function Q(t){return t instanceof Uint16Array?65535:255}function gt(t,e,r){let a=new TextDecoder("utf-8",{ignoreBOM:!0}).decode(t),o=[["tiff:ImageWidth|exif:PixelXDimension",e],["tiff:ImageLength|exif:PixelYDimension",r]].reduce((s,[i,l])=>s.replace(new RegExp(`((?:${i})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`,"g"),`$1$2${l}$2`).replace(new RegExp(`(<(?:${i})>)\\s*\\d+\\s*(</)`,"g"),`$1${l}$2`),a);return o===a?t:new TextEncoder().encode(o)}function yt(t,e,r,a,n){let o=ke(t,e,r,e*a,r*a,n),s=Q(t),i=t instanceof Uint16Array?new Uint16Array(o.length):new Uint8Array(o.length);for(let l=0;l<o.length;l++)i[l]=Math.round(Math.min(Math.max(o[l],0),s));return i}var Te=3;function oe(t,e,r,a,n,{x0:o,x1:s,y0:i,y1:l}){let[c,d]=[o,i].map(w=>Math.max(Math.floor(w/a)-Te,0)),u=Math.min(Math.ceil(s/a)+Te,e),m=Math.min(Math.ceil(l/a)+Te,r),[p,h]=[u-c,m-d],g=new Float32Array(h*p*n);for(let w=0;w<h;w++){let f=n*((d+w)*e+c);g.set(t.subarray(f,f+n*p),n*w*p)}let v=a===1?g:ke(g,p,h,p*a,h*a,n),y=new Float32Array((l-i)*(s-o)*n);for(let w=i;w<l;w++){let f=n*((w-d*a)*p*a+o-c*a);y.set(v.subarray(f,f+n*(s-o)),n*(w-i)*(s-o))}return y}function Ae(t,e,r){let[a,n]=[t.width*e,t.height*e];return{...t,width:a,height:n,rgb:r,...t.alpha&&{alpha:yt(t.alpha,t.width,t.height,e,1)},...t.exif&&{exif:ht(t.exif,a,n)},...t.xmp&&{xmp:gt(t.xmp,a,n)}}}function vt(t,e){return Ae(t,e,yt(t.rgb,t.width,t.height,e,3))}function Ar(t,e,r,a){let n=new Float32Array(t.length);return bt(e,r,a,(o,s)=>{for(let i=0;i<3;i++)n[s+i]=t[o+i]}),n}async function wt(t,e,r,a){let{scale:n}=t.topology,o=new Float32Array(e.length*n**2);for(let s=0;s<8;s++){let[i,l]=s<4?[r,a]:[a,r],c=await t.run(Ar(e,r,a,s),i,l);bt(r*n,a*n,s,(d,u)=>{for(let m=0;m<3;m++)o[d+m]+=c[u+m]/8})}return o}function bt(t,e,r,a){for(let n=0;n<t;n++){let o=r&2?t-1-n:n;for(let s=0;s<e;s++){let i=r&1?e-1-s:s;a(3*(n*e+s),3*(r&4?i*t+o:o*e+i))}}}var Sr=16;function _t(t,e,r,a=512,n=Sr){let o=X(r),s=j(be(r),o),i=xt(t,o,s,a,j(n,o)),l=xt(e,o,s,a,j(n,o)),c=l.windows.flatMap(d=>i.windows.map(u=>({x:u.start,y:d.start,keep:{x0:u.from,x1:u.to,y0:d.from,y1:d.to}})));return{width:t,height:e,tileWidth:i.extent,tileHeight:l.extent,tiles:c}}function kt(t){let e=X(t);return 2*j(be(t),e)+e}function xt(t,e,r,a,n){let o=j(t+2*n,e),s=Math.max(Math.floor(a/e)*e,2*r+e);if(o<=s)return{extent:o,windows:[{start:-n,from:0,to:t}]};let i=Math.ceil((o-2*r)/(s-2*r)),l=j((o-2*r)/i,e),c=l+2*r,d=[];for(let u=0,m=0;m<o;u+=l){let p=Math.min(u,o-c),h=p+c>=o?o:p+c-r,[g,v]=[Math.max(m-n,0),Math.min(h-n,t)];g<v&&d.push({start:p-n,from:g,to:v}),m=h}return{extent:c,windows:d}}function j(t,e){return Math.ceil(t/e)*e}function Se(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function Tt(t,e,r){let{width:a,height:n,tileWidth:o,tileHeight:s}=e,i=Q(t),l=Int32Array.from({length:o},(d,u)=>3*Se(r.x+u,a)),c=new Float32Array(s*o*3);for(let d=0,u=0;d<s;d++){let m=3*a*Se(r.y+d,n);for(let p=0;p<o;p++){let h=m+l[p];c[u++]=t[h]/i,c[u++]=t[h+1]/i,c[u++]=t[h+2]/i}}return c}function At(t,e,r,a,n,o){let{rgb:s,grey:i,width:l}=e,{strength:c,scale:d,enlarged:u}=o,m=d===1?e.alpha:void 0,p=Q(r),[h,g,v,y]=[n.keep.x0,n.keep.x1,n.keep.y0,n.keep.y1].map(_=>_*d),[w,f]=[n.x*d,n.y*d],b=(_,k)=>d===1?s[k]:u?K(u[_]/p)*p:0;for(let _=v;_<y;_++){let k=3*((_-f)*a.tileWidth*d+h-w),P=3*(_*l*d+h),$=3*(_-v)*(g-h);for(let G=h;G<g;G++,k+=3,P+=3,$+=3){let R=t[k],F=t[k+1],q=t[k+2];if(!Number.isFinite(R+F+q))throw new RangeError(`the network's output at column ${G}, row ${_} is not a finite number`);if(m&&m[P/3]===0)for(let L=0;L<3;L++)r[P+L]=s[P+L];else if(i){let L=se(b($,P),(K(R)+K(F)+K(q))/3,p,c);for(let de=0;de<3;de++)r[P+de]=L}else r[P]=se(b($,P),K(R),p,c),r[P+1]=se(b($+1,P+1),K(F),p,c),r[P+2]=se(b($+2,P+2),K(q),p,c)}}}function K(t){return t<0?0:t>1?1:t}function se(t,e,r,a){return Math.round(t+a*(e*r-t))}function St(t,e,r,a){if(!e.includes(0)||e.every(i=>i===0))return t;let n=t.slice(),o=new Uint16Array(r*a);for(let i=0;i<e.length;i++)e[i]===0&&(o[i]=65535);let s=(i,l,c)=>{if(o[l]===65535)return;let d=Math.min(o[l]+c,65534);d>=o[i]||(o[i]=d,n[3*i]=n[3*l],n[3*i+1]=n[3*l+1],n[3*i+2]=n[3*l+2])};for(let i of[1,-1]){let[l,c]=i===1?[0,0]:[a-1,r-1];for(let d=l;d>=0&&d<a;d+=i){let u=d-i>=0&&d-i<a;for(let m=c;m>=0&&m<r;m+=i){let p=d*r+m;if(o[p]===0)continue;let h=m-i>=0&&m-i<r,g=m+i>=0&&m+i<r,v=p-i*r;h&&s(p,p-i,3),u&&(s(p,v,3),h&&s(p,v-i,4),g&&s(p,v+i,4))}}}return n}async function Ut(t,e,r={}){let a="run"in e?[e]:e,n=t;for(let[o,s]of a.entries())n=await Pr(n,s,{...r,onTile:o===a.length-1?r.onTile:void 0,onProgress:(i,l)=>r.onProgress?.(o*l+i,a.length*l)});return n}async function Pr(t,e,r){let{strength:a=1,tile:n=e.preferredTile,signal:o}=r;if(!(a>=0&&a<=1))throw new T(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(n>=1))throw new T(`Cannot enhance: tile must be at least 1 pixel, got ${n}`,{exitCode:2});if(e.topology.channels!==3)throw new T(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);o?.throwIfAborted();let{scale:s}=e.topology;if(a===0)return s===1?t:vt(t,s);let i=t.alpha?St(t.rgb,t.alpha,t.width,t.height):t.rgb,l=t.grey||!Ur(i)?t:{...t,grey:!0},c=t.rgb.length*s**2,d=t.rgb instanceof Uint16Array?new Uint16Array(c):new Uint8Array(c);for(let u=n;;u/=2){let m=_t(t.width,t.height,e.topology,u);try{return await Or(l,i,d,m,e,r),s===1?{...t,rgb:d}:Ae(t,s,d)}catch(p){if(!(p instanceof H))throw p;if(u<=kt(e.topology))throw new T(`Cannot enhance: not enough memory on ${e.device} for a tile of ${m.tileWidth}×${m.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:p})}}}function Ur(t){for(let e=0;e<t.length;e+=3)if(t[e]!==t[e+1]||t[e]!==t[e+2])return!1;return!0}function Pt({x0:t,x1:e,y0:r,y1:a},n){return{x0:t*n,x1:e*n,y0:r*n,y1:a*n}}async function Or(t,e,r,a,n,o){let{strength:s=1,selfEnsemble:i=!1,onProgress:l,onTile:c,signal:d}=o,{tiles:u,tileHeight:m,tileWidth:p}=a,{scale:h}=n.topology,g=f=>{let b=Tt(e,a,u[f]),_=h===1||s===1?void 0:oe(e,t.width,t.height,h,3,Pt(u[f].keep,h));return{pixels:b,blend:{strength:s,scale:h,enlarged:_}}},v=(f,b,_)=>{try{At(b,t,r,a,u[f],_)}catch(k){throw new T(`Cannot enhance on ${n.device}: ${k.message}; try --device cpu or another model`,{cause:k})}c?.(Pt(u[f].keep,h),r),l?.(f+1,u.length)},y=g(0),w;for(let f=0;f<u.length;f++){d?.throwIfAborted();let{pixels:b,blend:_}=y,k=i?wt(n,b,m,p):n.run(b,m,p);try{w&&v(f-1,w.restored,w.blend),f+1<u.length&&(y=g(f+1))}catch(P){throw await k.catch(()=>{}),P}w={restored:await k,blend:_}}v(u.length-1,w.restored,w.blend)}var Rr=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function ie(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=Rr[(r^t[a])&255]^r>>>8;return~r>>>0}var Ot={F32:4,F16:2};var Cr=1e8,le="crc32",Ct="00000000";function $t(t,e){let r=g=>{throw new T(`Cannot read ${Z(e)} as safetensors: ${g}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>Cr&&r(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>t.length-8&&r(`its header claims ${n} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let o=$r(t.subarray(8,8+n),r),{__metadata__:s={},...i}=o;(!Pe(s)||Object.values(s).some(g=>typeof g!="string"))&&r("its metadata is not a list of strings; the file is damaged");let l=t.subarray(8+n),c=[],d=new Map,u=Object.entries(i).map(([g,v])=>{let y=Er(g,v,l.length,r);return c.push(y),{tensor:g,...y}});c.sort((g,v)=>g.begin-v.begin||g.end-v.end);let m=0;for(let{begin:g,end:v}of c)g!==m&&r(`its tensors overlap or leave a gap at byte ${Math.min(g,m)}; the file is damaged`),m=v;m!==l.length&&r(`its tensors fill ${m} bytes, but ${l.length} follow the header; the file is damaged`),Nr(t,n,s,r);for(let{tensor:g,dtype:v,shape:y,begin:w,end:f}of u){let b=l.slice(w,f).buffer,_=v==="F32"?new Float32Array(b):Float32Array.from(new Float16Array(b));d.set(g,{dtype:v,shape:y,data:_})}let{[le]:p,...h}=s;return{tensors:d,metadata:h}}function $r(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return Pe(r)?r:e("its header is no JSON object; the file is damaged")}function Er(t,e,r,a){let n=d=>a(`tensor ${Z(t)} has ${d}; the file is damaged`);if(!Pe(e))return n("no description");let{dtype:o,shape:s,data_offsets:i}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${Z(t)} is of type ${Z(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(Rt))return n("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(Rt))return n("no valid offsets");let[l,c]=i;return c<l?n(`offsets ${l} to ${c}`):c>r?a(`tensor ${Z(t)} ends at byte ${c} of the data, but the file holds ${r}; it is truncated or damaged`):c-l!==E(s)*Ot[o]?n(`${c-l} bytes, but shape ${A(s)} of ${o} takes ${E(s)*Ot[o]}`):{dtype:o,shape:s,begin:l,end:c}}function Nr(t,e,r,a){if(!Object.hasOwn(r,le))return;let n=Mr(t,e);if(n!==void 0){let o=new TextEncoder().encode(Ct),s=t.subarray(n+o.length),i=ie(s,ie(o,ie(t.subarray(0,n))));if(Gr(i)===r[le])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Mr(t,e){let r=new TextEncoder().encode(`"${le}":"`),a=8+e-r.length-Ct.length;for(let n=8;n<=a;n++)if(r.every((o,s)=>t[n+s]===o))return n+r.length}function Z(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Gr=t=>t.toString(16).padStart(8,"0"),Rt=t=>Number.isSafeInteger(t)&&t>=0,Pe=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var Et="clairnet-1",Br=["name","recipe","loss","data","created","version","license","note"],Fr=["seed","steps"];function Ue(t,e){return Ir($t(t,e),e)}function Ir(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=t;if(a.format!==Et||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new T(`${r}: its metadata has ${i}, where Clairnet's models have "${Et}"`)}let o=zr(a.topology,r),s=new Map;for(let{name:i,shape:l}of z(o).parameters){let c=n.get(i);if(!c)throw new T(`${r}: tensor "${i}" (${A(l)}) is missing`);if(A(c.shape)!==A(l))throw new T(`${r}: tensor "${i}" has shape ${A(c.shape)}, but its topology wants ${A(l)}`);Dr(c.data,`${r}: tensor "${i}"`),s.set(i,c.data)}for(let i of n.keys())if(!s.has(i)&&!i.includes("/"))throw new T(`${r}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:o,parameters:s,info:Kr(a,r)}}function Dr(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new T(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function zr(t,e){try{let{channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:s,down:i,up:l,residual:c,residualBlocks:d,scale:u}=JSON.parse(t);for(let[m,p]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(p))throw new RangeError(`${m} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[m,p]of Object.entries({residual:c,residualBlocks:d}))if(typeof p!="boolean")throw new RangeError(`${m} is neither true nor false`);for(let[m,p]of Object.entries({activation:s,down:i,up:l}))if(typeof p!="string")throw new RangeError(`${m} is no word`);return ct({channels:r,widths:a,encoderBlocks:n,decoderBlocks:o,activation:s,down:i,up:l,residual:c,residualBlocks:d,scale:u??1})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new T(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function Kr(t,e){let r={};for(let a of Br)r[a]=t[a]??"";for(let a of Fr){let n=Number(t[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new T(`${e}: ${a} in its metadata is no whole number`);r[a]=n}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([n,o])=>[n,Number(o)]);r.metrics=Object.fromEntries(a)}catch(a){throw new T(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function Nt({name:t,url:e,bytes:r}){if(r)return Ue(r,t);let a=await fetch(e).catch(n=>{throw new T(`Cannot fetch the model ${t}: ${n.message}`,{cause:n})});if(!a.ok)throw new T(`Cannot fetch the model ${t}: the server answered ${a.status}`);return Ue(new Uint8Array(await a.arrayBuffer()),t)}function Mt(t,e,r){let a=new Uint8Array(e*r*3),n=new Uint8Array(e*r),o=!0,s=!0;for(let i=0,l=0,c=0;i<n.length;i++,l+=4,c+=3){let[d,u,m,p]=[t[l],t[l+1],t[l+2],t[l+3]];a[c]=d,a[c+1]=u,a[c+2]=m,n[i]=p,o&&=p===255,s&&=d===u&&u===m}return{width:e,height:r,rgb:a,grey:s,format:"canvas",...o?{}:{alpha:n}}}function Gt(t,e,{x0:r,x1:a,y0:n,y1:o},s){let i=new Uint8ClampedArray(s.length);for(let l=n,c=0;l<o;l++)for(let d=r;d<a;d++,c+=4){let u=3*(l*e+d);i[c]=t[u],i[c+1]=t[u+1],i[c+2]=t[u+2],i[c+3]=s[c+3]}return i}function Bt(){return self}function Ft(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var ce=class extends Error{};function It(t){let e=Bt(),r=new Map,a=new Map,n=Promise.resolve(),o=l=>{for(let[c,d]of a)l.some(u=>u.key===c)||(a.delete(c),d[Symbol.dispose]())},s=async l=>{o(l);for(let c of l)a.has(c.key)||a.set(c.key,await t(await Nt(c)));return l.map(({key:c})=>a.get(c))},i=async(l,c)=>{let{id:d,width:u,height:m,rgba:p}=l;try{c.throwIfAborted();let h=await s(l.models),g=h.reduce((w,{topology:f})=>w*f.scale,1);e.postMessage({kind:"started",id:d,device:h[0].device,scale:g});let v=performance.now(),y;await Ut(Mt(p,u,m),h,{signal:c,onTile:(w,f)=>{let b=new Uint8ClampedArray(oe(p,u,m,g,4,w));y={area:w,rgba:Gt(f,u*g,w,b)},g!==1&&(y={...y,plain:b})},onProgress:(w,f)=>{let b=[y?.rgba.buffer,y?.plain?.buffer].filter(_=>_!==void 0);e.postMessage({kind:"tile",id:d,part:y,done:w,total:f},b)}}),e.postMessage({kind:"done",id:d,seconds:(performance.now()-v)/1e3})}catch(h){h instanceof ce?e.postMessage({kind:"cancelled",id:d}):(o([]),e.postMessage({kind:"failed",id:d,message:Ft(h)}))}finally{r.delete(d)}};e.onmessage=({data:l})=>{if(l.kind==="cancel")r.get(l.id)?.abort(new ce);else{let c=new AbortController;r.set(l.id,c),n=n.then(()=>i(l,c.signal))}}}It(async({topology:t,parameters:e})=>{let r=await mt();return Lr(r,new ne(r,t,e))});function Lr(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(r,a,n)=>e.run(r,a,n),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
